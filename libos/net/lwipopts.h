/* How lwIP is configured: its raw interface, all memory from the library OS, no threads. */
#ifndef LIBOS_LWIPOPTS_H
#define LIBOS_LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_STATS 0
#define LWIP_RAW 0
#define LWIP_DNS 0
#define LWIP_IGMP 0

#define MEM_ALIGNMENT 16
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define mem_clib_malloc libos_allocate_unset
#define mem_clib_free libos_free
#define mem_clib_calloc(count, size) libos_allocate((count) * (size))
#define MEM_CUSTOM_ALLOCATOR 0

#define LWIP_IPV4 1
#define LWIP_IPV6 1
#define LWIP_ICMP 1
#define LWIP_IPV6_DHCP6 0
/* an address made of the card's own needs no search for a double before it is used */
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 0
#define LWIP_DHCP 1
#define DHCP_DOES_ARP_CHECK 0
#define dns_setserver libos_dns_setserver
#define dns_getserver libos_dns_getserver

/* more than one packet waits for its receiver's address: many clients may come at once */
#define ARP_QUEUEING 1
#define ARP_QUEUE_LEN 64

#define LWIP_HAVE_LOOPIF 1
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_NETIF_LOOPBACK_MULTITHREADING 0

#define TCP_MSS 1460
#define TCP_WND 65535
#define TCP_SND_BUF 65535
#define TCP_SND_QUEUELEN 256
#define TCP_SNDLOWAT 21845
#define TCP_SNDQUEUELOWAT 128
#define TCP_LISTEN_BACKLOG 1
#define TCP_DEFAULT_LISTEN_BACKLOG 255
/* connections that are over keep their ports for two seconds, so that a busy server's do not fill the memory */
#define TCP_MSL 1000
#define LWIP_TCP_KEEPALIVE 1
#define LWIP_TCP_MAX_SACK_NUM 4
#define SO_REUSE 1
#define IP_SOF_BROADCAST 1
#define MEMP_NUM_TCP_SEG 65535
#define LWIP_RANDOMIZE_INITIAL_LOCAL_PORTS 1
#define LWIP_HOOK_TCP_ISN(local, local_port, remote, remote_port) libos_random_word()
unsigned int libos_random_word(void);
#define LWIP_RAND() libos_random_word()

#define LWIP_NOASSERT 1
#define LWIP_PLATFORM_DIAG(text)
#define LWIP_PLATFORM_ASSERT(text)
#endif
