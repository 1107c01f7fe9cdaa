/*
 * lwIP, as one unit that the compiler sees whole (gcc -fwhole-program): what is called at one place becomes part of its caller, and
 * arguments that are always the same are none. Only what is named here can be called by other files.
 */
#include "inet.h"

/* dhcp.c takes the name server from its lease, nd6.c from a router; who asks it is the program's C library */
#undef LWIP_DNS
#define LWIP_DNS 1
#define DNS_MAX_SERVERS 1
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS 1
#include <../core/ipv4/dhcp.c>
#include <../core/ipv6/nd6.c>
#undef LWIP_DNS
#define LWIP_DNS 0

/* ICMP messages go past the watcher */
#include <lwip/icmp.h>
#include <lwip/icmp6.h>
void (*libos_icmp_watcher)(struct pbuf *packet, bool v6);

static void watch_icmp(struct pbuf *packet, struct netif *interface)
{
	if (libos_icmp_watcher)
		libos_icmp_watcher(packet, false);
	icmp_input(packet, interface);
}

static void watch_icmp6(struct pbuf *packet, struct netif *interface)
{
	if (libos_icmp_watcher)
		libos_icmp_watcher(packet, true);
	icmp6_input(packet, interface);
}

#define icmp_input watch_icmp
#define icmp6_input watch_icmp6
#include <../core/ipv4/ip4.c>
#include <../core/ipv6/ip6.c>
#undef icmp_input
#undef icmp6_input

#if LWIP_TCP
/*
 * Every second segment of a connection has to be acknowledged (RFC 9293, 3.8.6.3): once, when all that came in with it is taken.
 * lwIP's own tcp_ack does so at each.
 */
#include <lwip/priv/tcp_priv.h>
static const tcpflags_t acknowledgement_due = 1u << 15; /* lwIP has no such flag */
static bool one_waits, one_is_due;

static void acknowledge_soon(struct tcp_pcb *tcp)
{
	if (tcp->flags & TF_ACK_DELAY) {
		tcp_set_flags(tcp, acknowledgement_due);
		one_is_due = true;
	}
	tcp_set_flags(tcp, TF_ACK_DELAY);
	one_waits = true;
}
#undef tcp_ack
#define tcp_ack acknowledge_soon

void libos_tcp_acknowledge(bool all)
{
	if (!(all ? one_waits : one_is_due))
		return;
	for (struct tcp_pcb *tcp = tcp_active_pcbs; tcp; tcp = tcp->next) {
		/* unless what was sent meanwhile did */
		if (tcp->flags & TF_ACK_DELAY && (all || tcp->flags & acknowledgement_due)) {
			tcp_ack_now(tcp);
			tcp_output(tcp);
		}
		tcp_clear_flags(tcp, acknowledgement_due);
	}
	one_is_due = false;
	one_waits = one_waits && !all;
}
#else
void libos_tcp_acknowledge(bool all)
{
	(void)all;
}
#endif

#include <../core/def.c>
#include <../core/inet_chksum.c>
#include <../core/init.c>
#include <../core/ip.c>
#include <../core/ipv4/etharp.c>
#include <../core/ipv4/icmp.c>
#include <../core/ipv4/ip4_addr.c>
#include <../core/ipv4/ip4_frag.c>
#include <../core/ipv6/ethip6.c>
#include <../core/ipv6/icmp6.c>
#include <../core/ipv6/inet6.c>
#include <../core/ipv6/ip6_addr.c>
#define reassdatagrams v6_reassdatagrams /* ip4_frag.c has one, too */
#include <../core/ipv6/ip6_frag.c>
#undef reassdatagrams
#include <../core/ipv6/mld6.c>
#include <../core/mem.c>
#include <../core/memp.c>
#include <../core/netif.c>
#include <../core/pbuf.c>
#include <../core/tcp.c>
#include <../core/tcp_in.c>
#include <../core/tcp_out.c>
#include <../core/timeouts.c>
#include <../core/udp.c>
#include <../netif/ethernet.c>

#if __has_attribute(externally_visible)
#define OFFER(name) extern typeof(name) name __attribute__((externally_visible));
#else
#define OFFER(name)
#endif

OFFER(dhcp_start)
OFFER(etharp_output)
OFFER(ethernet_input)
OFFER(ethip6_output)
OFFER(ip4_route)
OFFER(ip4addr_aton)
OFFER(ip6_addr_any)
OFFER(ip6_route)
OFFER(ip6_select_source_address)
OFFER(ip_addr_any)
OFFER(ip_addr_any_type)
OFFER(ip_data)
OFFER(ipaddr_aton)
OFFER(ipaddr_ntoa_r)
OFFER(lwip_init)
OFFER(libos_icmp_watcher)
OFFER(libos_tcp_acknowledge)
OFFER(nd6_tmr)
OFFER(netif_add_noaddr)
OFFER(netif_create_ip6_linklocal_address)
OFFER(netif_default)
OFFER(netif_ip6_addr_set_state)
OFFER(netif_poll_all)
OFFER(netif_set_addr)
OFFER(netif_set_default)
OFFER(netif_set_up)
OFFER(pbuf_alloc)
OFFER(pbuf_copy_partial)
OFFER(pbuf_free)
OFFER(pbuf_get_at)
OFFER(sys_check_timeouts)
OFFER(sys_timeouts_sleeptime)
OFFER(udp_bind)
OFFER(udp_connect)
OFFER(udp_disconnect)
OFFER(udp_new_ip_type)
OFFER(udp_pcbs)
OFFER(udp_recv)
OFFER(udp_remove)
OFFER(udp_sendto)
#if LWIP_TCP
OFFER(tcp_abort)
OFFER(tcp_accept)
OFFER(tcp_arg)
OFFER(tcp_backlog_accepted)
OFFER(tcp_backlog_delayed)
OFFER(tcp_bind)
OFFER(tcp_bound_pcbs)
OFFER(tcp_close)
OFFER(tcp_connect)
OFFER(tcp_err)
OFFER(tcp_listen_pcbs)
OFFER(tcp_listen_with_backlog_and_err)
OFFER(tcp_new_ip_type)
OFFER(tcp_output)
OFFER(tcp_poll)
OFFER(tcp_recv)
OFFER(tcp_recved)
OFFER(tcp_sent)
OFFER(tcp_shutdown)
OFFER(tcp_write)
#endif
