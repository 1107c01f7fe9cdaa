/* Sockets of IPv4 and IPv6, over lwIP. */
#ifndef LIBOS_INET_H
#define LIBOS_INET_H
#include "network.h"
#include "socket.h"
#include <lwip/ip_addr.h>

struct tcp_pcb;
struct udp_pcb;
struct pbuf;
struct netif;
struct libos_datagram;

enum libos_inet_state { LIBOS_INET_NEW, LIBOS_INET_LISTENING, LIBOS_INET_CONNECTING, LIBOS_INET_CONNECTED, LIBOS_INET_CLOSED };

/* An address of lwIP with its port. */
struct libos_endpoint {
	ip_addr_t ip;
	uint16_t port;
};

struct libos_inet {
	struct libos_socket socket;
	int family;
	bool only_v6, bound;
	enum libos_inet_state state;
	int error; /* what SO_ERROR tells once, as a positive number */
	struct libos_endpoint local, peer;
	unsigned receive_buffer, send_buffer; /* SO_RCVBUF, SO_SNDBUF: as they were set */
	bool reuse_address, reuse_port, linger;
	unsigned linger_seconds;
	/* TCP */
	struct tcp_pcb *tcp; /* null: lwIP is done with the connection */
	struct pbuf *first, *last; /* what came in; `first_offset` bytes of the first are read */
	size_t first_offset, received;
	bool peer_closed, read_shut, write_shut, was_full, corked;
	struct libos_inet *pending, *last_pending, *next_pending; /* of a listener: those to be accepted */
	/* UDP */
	struct udp_pcb *udp;
	struct libos_datagram *first_datagram, *last_datagram;
};

static inline struct libos_inet *libos_inet_of(struct libos_file *file)
{
	return (struct libos_inet *)file;
}

/* net/inet.c: the negative errno of lwIP's error */
long libos_inet_error(int error);

/* net/inet_address.c */
/* The program's address as lwIP takes it; false: it is not of the socket's family. `unspecified` 0.0.0.0 is this machine. */
long libos_inet_address(const struct libos_inet *inet, const struct libos_address *address, struct libos_endpoint *place);
void libos_inet_write_address(const struct libos_inet *inet, const struct libos_endpoint *place, struct libos_address *address);
long libos_inet_name(struct libos_file *file, struct libos_address *address, bool of_peer);
/* Where something for `to` leaves from; false: no way leads there. */
bool libos_inet_source(const ip_addr_t *to, ip_addr_t *from);

/* net/inet_options.c */
long libos_inet_get_option(struct libos_file *file, int level, int name, void *value, size_t *size);
long libos_inet_set_option(struct libos_file *file, int level, int name, const void *value, size_t size);
/* net/tcp_options.c; only TCP sockets come there */
long libos_tcp_get_option(struct libos_inet *inet, int name, void *value, size_t *size) __attribute__((weak));
long libos_tcp_set_option(struct libos_inet *inet, int name, int value) __attribute__((weak));

/* net/tcp.c, net/udp.c: makes a new socket one of the protocol; null: the program makes none of its type */
long libos_tcp_start(struct libos_inet *inet) __attribute__((weak));
long libos_udp_start(struct libos_inet *inet) __attribute__((weak));
/* net/tcp.c: the options that were set before there was a connection, and on those that are accepted */
void libos_tcp_flush(struct libos_inet *inet);

/* What SO_ERROR would tell, as the negative errno of a call that ends with it. */
static inline long libos_inet_take_error(struct libos_inet *inet)
{
	long error = -inet->error;
	inet->error = 0;
	return error;
}

/* net/reuse.c: whether two addresses stand for a common one; and whether sockets there may have one port, before one of them listens */
bool libos_inet_overlap(const ip_addr_t *one, const ip_addr_t *other);
bool libos_inet_may_share(const struct libos_inet *one, const struct libos_inet *other);
/* Lets the socket share its place as far as lwIP decides that. */
void libos_inet_set_reuse(struct libos_inet *inet);

/* net/icmp_errors.c: from now on connected UDP sockets are told that a port is unreachable */
void libos_icmp_watch(void);
/* net/lwip.c: who hears of the ICMP messages that come in, before lwIP answers them; null: nobody */
extern void (*libos_icmp_watcher)(struct pbuf *packet, bool v6);
/* Acknowledges all that came in, or what has to be acknowledged at once. */
void libos_tcp_acknowledge(bool all);

/* net/static_address.c: gives the card the program's static address, and tells the name server; null: it has none */
void libos_network_set_static(struct netif *card, ip_addr_t *name_server) __attribute__((weak));

/* net/stack.c: the network is up, as far as it is without waiting for others */
bool libos_network_start(void);
/* The name server, as text; false: none is known. */
bool libos_name_server(char *text, size_t size);
/* Waits until there is an address of the family, a few seconds at most. */
void libos_network_wait(bool v6);
#endif
