/* What the files about TCP share. */
#ifndef LIBOS_TCP_H
#define LIBOS_TCP_H
#include "inet.h"
#include <linux/poll.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/tcp.h>

static inline void libos_tcp_changed(struct libos_inet *inet)
{
	libos_notify(&inet->socket.file.changed);
}

/* For as much as poll(2) calls writable. */
static inline bool libos_tcp_has_room(const struct libos_inet *inet)
{
	return tcp_sndbuf(inet->tcp) >= TCP_SNDLOWAT && tcp_sndqueuelen(inet->tcp) < TCP_SNDQUEUELOWAT;
}

/* net/tcp_events.c: lwIP's connection tells the socket from now on */
void libos_tcp_attach(struct libos_inet *inet, struct tcp_pcb *tcp);
err_t libos_tcp_connected(void *inet, struct tcp_pcb *tcp, err_t error); /* for tcp_connect */
/* The connection goes on without the socket, which is told nothing any more. */
struct tcp_pcb *libos_tcp_detach(struct libos_inet *inet);

/* net/tcp.c */
struct libos_inet *libos_tcp_new(int family);

/* net/tcp_listen.c */
long libos_tcp_bind(struct libos_file *file, const struct libos_address *address);
long libos_tcp_listen(struct libos_file *file, int backlog);
long libos_tcp_accept(struct libos_file *file, struct libos_file **accepted, struct libos_address *peer);
void libos_tcp_drop_pending(struct libos_inet *listener);
#endif
