/* UDP sockets: udp(7). */
#include "inet.h"
#include "network.h"
#include <asm/ioctls.h>
#include <asm/stat.h>
#include <linux/poll.h>
#include <linux/sockios.h>
#include <lwip/pbuf.h>
#include <lwip/udp.h>

enum { LARGEST = 65507 };

struct libos_datagram {
	struct libos_datagram *next;
	struct pbuf *packet;
	struct libos_endpoint from;
};

/* The first from there on of the sockets that share a place with SO_REUSEPORT. */
static struct udp_pcb *sharing(struct udp_pcb *from, const struct udp_pcb *udp)
{
	while (from && (from->local_port != udp->local_port || from->flags & UDP_FLAGS_CONNECTED || !ip_addr_cmp(&from->local_ip, &udp->local_ip)))
		from = from->next;
	return from;
}

/* Which of them gets a sender's datagrams: the sender's port says. */
static struct libos_inet *choose(struct udp_pcb *udp, uint16_t sender_port)
{
	struct udp_pcb *first = sharing(udp_pcbs, udp), *chosen = first;
	unsigned count = 0;
	for (struct udp_pcb *one = first; one; one = sharing(one->next, udp))
		count++;
	for (unsigned left = sender_port % count; left; left--)
		chosen = sharing(chosen->next, udp);
	return chosen->recv_arg;
}

static void on_received(void *argument, struct udp_pcb *udp, struct pbuf *packet, const ip_addr_t *address, u16_t port)
{
	struct libos_inet *inet = argument;
	struct libos_datagram *datagram = NULL;
	if (inet->reuse_port && inet->state != LIBOS_INET_CONNECTED)
		inet = choose(udp, port);
	if (inet->received + packet->tot_len <= 2ul * inet->receive_buffer)
		datagram = libos_allocate(sizeof *datagram);
	if (!datagram) {
		pbuf_free(packet);
		return;
	}
	*datagram = (struct libos_datagram){NULL, packet, {*address, port}};
	inet->received += packet->tot_len;
	if (inet->last_datagram)
		inet->last_datagram->next = datagram;
	else
		inet->first_datagram = datagram;
	inet->last_datagram = datagram;
	libos_notify(&inet->socket.file.changed);
}

static void drop_first(struct libos_inet *inet)
{
	struct libos_datagram *datagram = inet->first_datagram;
	inet->first_datagram = datagram->next;
	if (!inet->first_datagram)
		inet->last_datagram = NULL;
	inet->received -= datagram->packet->tot_len;
	pbuf_free(datagram->packet);
	libos_free(datagram);
}

static long bind_to(struct libos_inet *inet, const ip_addr_t *address, uint16_t port)
{
	ip_addr_t ip = *address;
	if (ip_addr_isany(&ip) && inet->family == AF_INET6)
		ip = inet->only_v6 ? *IP6_ADDR_ANY : *IP_ANY_TYPE;
	for (const struct udp_pcb *udp = udp_pcbs; port && udp; udp = udp->next)
		if (udp->local_port == port && udp->recv_arg && udp != inet->udp && libos_inet_overlap(&ip, &udp->local_ip) &&
		    !libos_inet_may_share(inet, udp->recv_arg))
			return -EADDRINUSE;
	long error = libos_inet_error(udp_bind(inet->udp, &ip, port));
	if (error)
		return error;
	inet->bound = true;
	inet->local = (struct libos_endpoint){*address, inet->udp->local_port};
	return 0;
}

static long bind_udp(struct libos_file *file, const struct libos_address *address)
{
	struct libos_inet *inet = libos_inet_of(file);
	struct libos_endpoint place;
	ip_addr_t source;
	long error = libos_inet_address(inet, address, &place);
	if (error)
		return error;
	if (inet->bound)
		return -EINVAL;
	if (!ip_addr_isany(&place.ip) && !ip_addr_isloopback(&place.ip) && !ip_addr_ismulticast(&place.ip) &&
	    !(libos_inet_source(&place.ip, &source) && ip_addr_cmp(&source, &place.ip)))
		return -EADDRNOTAVAIL;
	return bind_to(inet, &place.ip, place.port);
}

static long bind_somewhere(struct libos_inet *inet)
{
	ip_addr_t any = inet->family == AF_INET ? *IP4_ADDR_ANY : *IP6_ADDR_ANY;
	return inet->bound ? 0 : bind_to(inet, &any, 0);
}

static long connect_udp(struct libos_file *file, const struct libos_address *address)
{
	struct libos_inet *inet = libos_inet_of(file);
	struct libos_endpoint peer;
	if (address->size >= sizeof address->family && address->family == AF_UNSPEC) {
		udp_disconnect(inet->udp);
		inet->state = LIBOS_INET_NEW;
		return 0;
	}
	long error = libos_inet_address(inet, address, &peer);
	if (error)
		return error;
	if (ip_addr_isany(&peer.ip))
		ip_addr_set_loopback(inet->family == AF_INET6, &peer.ip);
	if (!ip_addr_isloopback(&peer.ip))
		libos_network_wait(IP_IS_V6(&peer.ip));
	ip_addr_t source;
	if (!libos_inet_source(&peer.ip, &source))
		return -ENETUNREACH;
	error = bind_somewhere(inet);
	if (!error)
		error = libos_inet_error(udp_connect(inet->udp, &peer.ip, peer.port));
	if (error)
		return error;
	if (ip_addr_isany(&inet->local.ip))
		inet->local.ip = source;
	inet->peer = peer;
	inet->state = LIBOS_INET_CONNECTED;
	libos_icmp_watch();
	return 0;
}

static long send_udp(struct libos_file *file, const struct libos_message *message)
{
	struct libos_inet *inet = libos_inet_of(file);
	struct libos_endpoint to = inet->peer;
	libos_network_poll();
	if (message->size > LARGEST)
		return -EMSGSIZE;
	if (inet->write_shut)
		return -EPIPE;
	if (inet->error)
		return libos_inet_take_error(inet);
	if (message->address && message->address->size) {
		long error = libos_inet_address(inet, message->address, &to);
		if (error)
			return error;
		if (!to.port)
			return -EINVAL;
	} else if (inet->state != LIBOS_INET_CONNECTED) {
		return -EDESTADDRREQ;
	}
	if (ip_addr_isany(&to.ip))
		ip_addr_set_loopback(inet->family == AF_INET6, &to.ip);
	if (!ip_addr_isloopback(&to.ip))
		libos_network_wait(IP_IS_V6(&to.ip));
	long error = bind_somewhere(inet);
	if (error)
		return error;
	struct pbuf *packet = pbuf_alloc(PBUF_TRANSPORT, (u16_t)message->size, PBUF_RAM);
	if (!packet)
		return -ENOBUFS;
	size_t done = 0, size;
	for (const char *bytes; (bytes = libos_message_piece(message, done, &size)); done += size)
		libos_memcpy((char *)packet->payload + done, bytes, size);
	err_t sent = udp_sendto(inet->udp, packet, &to.ip, to.port);
	pbuf_free(packet);
	libos_network_poll();
	if (sent == ERR_VAL) /* a broadcast, which the socket was not told to do */
		return -EACCES;
	return sent == ERR_OK ? (long)message->size : libos_inet_error(sent);
}

static long receive_udp(struct libos_file *file, struct libos_message *message)
{
	struct libos_inet *inet = libos_inet_of(file);
	libos_network_poll();
	if (inet->error)
		return libos_inet_take_error(inet);
	struct libos_datagram *datagram = inet->first_datagram;
	if (!datagram)
		return inet->read_shut ? 0 : -EAGAIN;
	size_t taken = 0, size = datagram->packet->tot_len;
	for (const struct pbuf *packet = datagram->packet; packet; packet = packet->next)
		taken += libos_message_fill(message, taken, packet->payload, packet->len);
	if (message->address)
		libos_inet_write_address(inet, &datagram->from, message->address);
	if (taken < size)
		message->result_flags |= MSG_TRUNC;
	if (!(message->flags & MSG_PEEK))
		drop_first(inet);
	return (long)(message->flags & MSG_TRUNC ? size : taken);
}

static long shutdown_udp(struct libos_file *file, int how)
{
	struct libos_inet *inet = libos_inet_of(file);
	if (inet->state != LIBOS_INET_CONNECTED)
		return -ENOTCONN;
	inet->read_shut |= how != SHUT_WR;
	inet->write_shut |= how != SHUT_RD;
	libos_notify(&file->changed);
	return 0;
}

static unsigned ready(struct libos_file *file)
{
	struct libos_inet *inet = libos_inet_of(file);
	return POLLOUT | POLLWRNORM | (inet->error ? POLLERR : 0) | (inet->first_datagram || inet->read_shut ? POLLIN | POLLRDNORM : 0) |
	       (inet->read_shut ? POLLRDHUP : 0) | (inet->read_shut && inet->write_shut ? POLLHUP : 0);
}

static long control(struct libos_file *file, unsigned request, void *argument)
{
	const struct libos_datagram *datagram = libos_inet_of(file)->first_datagram;
	if (request != FIONREAD && request != TIOCOUTQ)
		return -ENOTTY;
	if (!libos_writable(argument, sizeof(int)))
		return -EFAULT;
	*(int *)argument = request == FIONREAD && datagram ? datagram->packet->tot_len : 0;
	return 0;
}

static long status(struct libos_file *file, struct stat *status)
{
	status->st_ino = (uintptr_t)file - LIBOS_DIRECT_MAP;
	status->st_mode = LIBOS_SOCKET_MODE;
	return 0;
}

static void close_udp(struct libos_file *file)
{
	struct libos_inet *inet = libos_inet_of(file);
	udp_remove(inet->udp);
	while (inet->first_datagram)
		drop_first(inet);
	libos_free(inet);
}

static long read_udp(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	struct iovec part = {buffer, size};
	struct libos_message message = {.parts = &part, .count = 1, .size = size, .own = true};
	(void)offset;
	return libos_socket_receive(file, &message);
}

static long write_udp(struct libos_file *file, const void *buffer, size_t size, uint64_t *offset)
{
	struct iovec part = {(void *)buffer, size};
	struct libos_message message = {.parts = &part, .count = 1, .size = size, .own = true};
	(void)offset;
	return libos_socket_send(file, &message);
}

static const struct libos_socket_kind socket_kind = {
	.bind = bind_udp,
	.connect = connect_udp,
	.send = send_udp,
	.receive = receive_udp,
	.shutdown = shutdown_udp,
	.name = libos_inet_name,
	.get_option = libos_inet_get_option,
	.set_option = libos_inet_set_option,
};
static const struct libos_file_kind kind = {
	.read = read_udp,
	.write = write_udp,
	.ready = ready,
	.control = control,
	.status = status,
	.close = close_udp,
	.socket = &socket_kind,
};

long libos_udp_start(struct libos_inet *inet)
{
	inet->udp = udp_new_ip_type(inet->family == AF_INET ? IPADDR_TYPE_V4 : IPADDR_TYPE_ANY);
	if (!inet->udp)
		return -ENOBUFS;
	inet->socket.file.kind = &kind;
	udp_recv(inet->udp, on_received, inet);
	return 0;
}
