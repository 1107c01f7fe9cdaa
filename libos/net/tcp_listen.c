/* TCP sockets that wait for connections. */
#include "tcp.h"
#include "network.h"

/* Another socket has the port where this one would: one that listens gives way to none but its like (SO_REUSEPORT). */
static bool is_taken(const struct libos_inet *inet, const ip_addr_t *ip, uint16_t port, bool listens)
{
	for (struct tcp_pcb_listen *listener = tcp_listen_pcbs.listen_pcbs; port && listener; listener = listener->next) {
		const struct libos_inet *other = listener->callback_arg;
		if (listener->local_port == port && libos_inet_overlap(ip, &listener->local_ip) && !(inet->reuse_port && other->reuse_port))
			return true;
	}
	for (struct tcp_pcb *tcp = tcp_bound_pcbs; port && !listens && tcp; tcp = tcp->next) {
		const struct libos_inet *other = tcp->callback_arg;
		if (tcp->local_port == port && libos_inet_overlap(ip, &tcp->local_ip) && !(other && libos_inet_may_share(inet, other)))
			return true;
	}
	return false;
}

static bool is_own(const ip_addr_t *address)
{
	if (ip_addr_isany(address) || ip_addr_isloopback(address))
		return true;
	ip_addr_t source;
	return libos_inet_source(address, &source) && ip_addr_cmp(address, &source);
}

long libos_tcp_bind(struct libos_file *file, const struct libos_address *address)
{
	struct libos_inet *inet = libos_inet_of(file);
	struct libos_endpoint place;
	long error = libos_inet_address(inet, address, &place);
	if (error)
		return error;
	if (inet->state != LIBOS_INET_NEW || inet->bound || !inet->tcp)
		return -EINVAL;
	if (!is_own(&place.ip))
		return -EADDRNOTAVAIL;
	ip_addr_t ip = place.ip;
	if (ip_addr_isany(&ip) && inet->family == AF_INET6)
		ip = inet->only_v6 ? *IP6_ADDR_ANY : *IP_ANY_TYPE;
	if (is_taken(inet, &ip, place.port, false))
		return -EADDRINUSE;
	error = libos_inet_error(tcp_bind(inet->tcp, &ip, place.port));
	if (error)
		return error;
	inet->bound = true;
	inet->local = (struct libos_endpoint){place.ip, inet->tcp->local_port};
	return 0;
}

/* The first from there on of those that share the listener's place: SO_REUSEPORT. */
static struct tcp_pcb_listen *sharing(struct tcp_pcb_listen *from, const struct libos_inet *listener)
{
	while (from && (from->local_port != listener->tcp->local_port || !ip_addr_cmp(&from->local_ip, &listener->tcp->local_ip)))
		from = from->next;
	return from;
}

/* Which of them gets a client's connections: the client's port says. */
static struct tcp_pcb_listen *choose(const struct libos_inet *listener, uint16_t client_port)
{
	struct tcp_pcb_listen *first = sharing(tcp_listen_pcbs.listen_pcbs, listener), *chosen = first;
	unsigned count = 0;
	for (struct tcp_pcb_listen *one = first; one; one = sharing(one->next, listener))
		count++;
	for (unsigned left = client_port % count; left; left--)
		chosen = sharing(chosen->next, listener);
	return chosen;
}

/* A connection came in: it waits with its socket until it is accepted. */
static err_t on_connection(void *argument, struct tcp_pcb *tcp, err_t error)
{
	struct libos_inet *listener = argument;
	if (!tcp || error != ERR_OK || !listener)
		return ERR_VAL;
	struct libos_inet *inet = libos_tcp_new(listener->family);
	if (!inet)
		return ERR_MEM;
	if (listener->reuse_port) {
		tcp_backlog_accepted(tcp);
		tcp->listener = choose(listener, tcp->remote_port);
		listener = tcp->listener->callback_arg;
	}
	libos_tcp_attach(inet, tcp);
	inet->state = LIBOS_INET_CONNECTED;
	inet->local = (struct libos_endpoint){tcp->local_ip, tcp->local_port};
	inet->peer = (struct libos_endpoint){tcp->remote_ip, tcp->remote_port};
	inet->reuse_address = listener->reuse_address;
	inet->reuse_port = listener->reuse_port;
	tcp_backlog_delayed(tcp);
	struct libos_inet **end = &listener->pending;
	if (listener->last_pending)
		end = &listener->last_pending->next_pending;
	*end = inet;
	listener->last_pending = inet;
	libos_notify(&listener->socket.file.changed);
	return ERR_OK;
}

long libos_tcp_listen(struct libos_file *file, int backlog)
{
	struct libos_inet *inet = libos_inet_of(file);
	u8_t most = (u8_t)(backlog < 1 ? 1 : backlog > 255 ? 255 : backlog);
	if (inet->state == LIBOS_INET_LISTENING) {
		tcp_backlog_set(inet->tcp, most);
		return 0;
	}
	if (inet->state != LIBOS_INET_NEW || !inet->tcp)
		return -EINVAL;
	if (!inet->bound) {
		const ip_addr_t *any = inet->family == AF_INET ? IP4_ADDR_ANY : inet->only_v6 ? IP6_ADDR_ANY : IP_ANY_TYPE;
		long error = libos_inet_error(tcp_bind(inet->tcp, any, 0));
		if (error)
			return error;
		inet->local.port = inet->tcp->local_port;
		inet->bound = true;
	}
	if (is_taken(inet, &inet->tcp->local_ip, inet->local.port, true))
		return -EADDRINUSE;
	err_t error;
	ip_reset_option(inet->tcp, SOF_REUSEADDR); /* lwIP would look at the listeners once more */
	struct tcp_pcb *listener = tcp_listen_with_backlog_and_err(inet->tcp, most, &error);
	if (listener)
		inet->tcp = listener;
	libos_inet_set_reuse(inet);
	if (!listener)
		return libos_inet_error(error);
	inet->state = LIBOS_INET_LISTENING;
	tcp_arg(listener, inet);
	tcp_accept(listener, on_connection);
	return 0;
}

static struct libos_inet *take_pending(struct libos_inet *listener)
{
	struct libos_inet *inet = listener->pending;
	listener->pending = inet->next_pending;
	if (!listener->pending)
		listener->last_pending = NULL;
	inet->next_pending = NULL;
	if (inet->tcp)
		tcp_backlog_accepted(inet->tcp);
	return inet;
}

long libos_tcp_accept(struct libos_file *file, struct libos_file **accepted, struct libos_address *peer)
{
	struct libos_inet *listener = libos_inet_of(file);
	libos_network_poll();
	if (listener->state != LIBOS_INET_LISTENING)
		return -EINVAL;
	if (!listener->pending)
		return -EAGAIN;
	struct libos_inet *inet = take_pending(listener);
	libos_inet_write_address(inet, &inet->peer, peer);
	*accepted = &inet->socket.file;
	return 0;
}

void libos_tcp_drop_pending(struct libos_inet *listener)
{
	while (listener->pending) {
		struct libos_inet *inet = take_pending(listener);
		inet->linger = true; /* cut */
		inet->linger_seconds = 0;
		libos_file_release(&inet->socket.file);
	}
}
