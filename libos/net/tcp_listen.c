/* TCP sockets that wait for connections. */
#include "tcp.h"
#include "network.h"

/* Either may stand for IPv4 and IPv6 at once. */
static bool share_a_family(const ip_addr_t *one, const ip_addr_t *other)
{
	return IP_IS_ANY_TYPE_VAL(*one) || IP_IS_ANY_TYPE_VAL(*other) || IP_IS_V6(one) == IP_IS_V6(other);
}

/* Another socket listens where this one would: two of one program are refused as Linux does, also with SO_REUSEADDR. */
static bool is_listened_at(const ip_addr_t *ip, uint16_t port)
{
	for (struct tcp_pcb_listen *listener = tcp_listen_pcbs.listen_pcbs; listener; listener = listener->next)
		if (port && listener->local_port == port && share_a_family(ip, &listener->local_ip) &&
		    (ip_addr_isany(ip) || ip_addr_isany(&listener->local_ip) || ip_addr_cmp(ip, &listener->local_ip)))
			return true;
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
	if (is_listened_at(&ip, place.port))
		return -EADDRINUSE;
	error = libos_inet_error(tcp_bind(inet->tcp, &ip, place.port));
	if (error)
		return error;
	inet->bound = true;
	inet->local = (struct libos_endpoint){place.ip, inet->tcp->local_port};
	return 0;
}

/* A connection came in: it waits with its socket until it is accepted. */
static err_t on_connection(void *argument, struct tcp_pcb *tcp, err_t error)
{
	struct libos_inet *listener = argument;
	if (!tcp || error != ERR_OK || !listener)
		return ERR_VAL;
	struct libos_inet *inet = libos_tcp_new(listener->family), **end = &listener->pending;
	if (!inet)
		return ERR_MEM;
	libos_tcp_attach(inet, tcp);
	inet->state = LIBOS_INET_CONNECTED;
	inet->local = (struct libos_endpoint){tcp->local_ip, tcp->local_port};
	inet->peer = (struct libos_endpoint){tcp->remote_ip, tcp->remote_port};
	tcp_backlog_delayed(tcp);
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
	err_t error;
	struct tcp_pcb *listener = tcp_listen_with_backlog_and_err(inet->tcp, most, &error);
	if (!listener)
		return libos_inet_error(error);
	inet->tcp = listener;
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

long libos_tcp_accept(struct libos_file *file, struct libos_file **accepted)
{
	struct libos_inet *listener = libos_inet_of(file);
	libos_network_poll();
	if (listener->state != LIBOS_INET_LISTENING)
		return -EINVAL;
	if (!listener->pending)
		return -EAGAIN;
	*accepted = &take_pending(listener)->socket.file;
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
