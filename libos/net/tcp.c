/* TCP sockets: tcp(7). */
#include "tcp.h"
#include "network.h"
#include <asm/ioctls.h>
#include <asm/socket.h>
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/sockios.h>

static const struct libos_file_kind kind;

void libos_tcp_flush(struct libos_inet *inet)
{
	if (inet->tcp)
		tcp_output(inet->tcp);
	libos_network_poll();
}

static long connect_tcp(struct libos_file *file, const struct libos_address *address)
{
	struct libos_inet *inet = libos_inet_of(file);
	struct libos_endpoint peer;
	libos_network_poll();
	if (inet->state == LIBOS_INET_CONNECTING)
		return -EALREADY;
	if (inet->state == LIBOS_INET_CONNECTED || inet->state == LIBOS_INET_LISTENING)
		return -EISCONN;
	if (inet->error)
		return libos_inet_take_error(inet);
	long error = libos_inet_address(inet, address, &peer);
	if (error)
		return error;
	if (!inet->tcp) { /* an earlier attempt failed */
		struct tcp_pcb *tcp = tcp_new_ip_type(IP_IS_V4(&peer.ip) ? IPADDR_TYPE_V4 : IPADDR_TYPE_V6);
		if (!tcp)
			return -ENOBUFS;
		libos_tcp_attach(inet, tcp);
	}
	if (ip_addr_isany(&peer.ip)) {
		if (inet->family == AF_INET)
			ip_addr_set_loopback(false, &peer.ip);
		else
			ip_addr_set_loopback(true, &peer.ip);
	}
	if (!ip_addr_isloopback(&peer.ip))
		libos_network_wait(IP_IS_V6(&peer.ip));
	ip_addr_t source;
	if (!libos_inet_source(&peer.ip, &source))
		return -ENETUNREACH;
	error = libos_inet_error(tcp_connect(inet->tcp, &peer.ip, peer.port, libos_tcp_connected));
	if (error)
		return error == -EADDRINUSE ? -EADDRNOTAVAIL : error;
	inet->state = LIBOS_INET_CONNECTING;
	inet->local = (struct libos_endpoint){inet->tcp->local_ip, inet->tcp->local_port};
	libos_network_poll();
	return -EINPROGRESS;
}

static long send_tcp(struct libos_file *file, const struct libos_message *message)
{
	struct libos_inet *inet = libos_inet_of(file);
	libos_network_poll();
	if (inet->error)
		return libos_inet_take_error(inet);
	if (inet->state == LIBOS_INET_CONNECTING)
		return -EAGAIN;
	if (inet->state != LIBOS_INET_CONNECTED || inet->write_shut || !inet->tcp)
		return -EPIPE;
	size_t sent = 0, size;
	bool more = message->flags & MSG_MORE || inet->corked;
	for (const char *bytes; (bytes = libos_message_piece(message, message->done + sent, &size));) {
		size_t room = tcp_sndbuf(inet->tcp);
		if (size > room)
			size = room;
		if (!size || tcp_write(inet->tcp, bytes, (u16_t)size, TCP_WRITE_FLAG_COPY) != ERR_OK) {
			inet->was_full = true;
			break;
		}
		sent += size;
	}
	if (!sent) /* and nothing that makes room is taken before who waits for it watches */
		return message->done == message->size ? 0 : -EAGAIN;
	if (!more || inet->was_full || (inet->tcp->unsent && inet->tcp->unsent->next))
		tcp_output(inet->tcp);
	libos_network_poll(); /* may free the connection */
	return (long)sent;
}

/* Gives `size` bytes of what came in back to lwIP. */
static void drop_received(struct libos_inet *inet, size_t size)
{
	inet->received -= size;
	if (inet->tcp)
		for (size_t left = size; left; left -= left < UINT16_MAX ? left : UINT16_MAX)
			tcp_recved(inet->tcp, (u16_t)(left < UINT16_MAX ? left : UINT16_MAX));
	size += inet->first_offset;
	while (inet->first && size >= inet->first->len) {
		struct pbuf *packet = inet->first;
		size -= packet->len;
		inet->first = packet->next;
		packet->next = NULL;
		pbuf_free(packet);
	}
	if (!inet->first)
		inet->last = NULL;
	inet->first_offset = size;
}

static long receive_tcp(struct libos_file *file, struct libos_message *message)
{
	struct libos_inet *inet = libos_inet_of(file);
	libos_network_poll();
	if (!inet->received) {
		if (inet->error)
			return libos_inet_take_error(inet);
		if (inet->state == LIBOS_INET_NEW || inet->state == LIBOS_INET_LISTENING)
			return -ENOTCONN;
		bool ended = inet->peer_closed || inet->read_shut || !inet->tcp;
		return ended || message->done == message->size ? 0 : -EAGAIN;
	}
	size_t taken = 0, offset = inet->first_offset;
	if (message->flags & MSG_TRUNC) { /* tcp(7): thrown away */
		taken = message->size - message->done < inet->received ? message->size - message->done : inet->received;
	} else {
		for (const struct pbuf *packet = inet->first; packet; packet = packet->next, offset = 0) {
			size_t part = packet->len - offset;
			size_t put = libos_message_fill(message, message->done + taken, (const char *)packet->payload + offset, part);
			taken += put;
			if (put < part)
				break;
		}
	}
	if (!(message->flags & MSG_PEEK)) {
		drop_received(inet, taken);
		libos_network_poll();
	}
	return (long)taken;
}

static long shutdown_tcp(struct libos_file *file, int how)
{
	struct libos_inet *inet = libos_inet_of(file);
	libos_network_poll();
	if (inet->state == LIBOS_INET_LISTENING && how != SHUT_WR) {
		libos_tcp_drop_pending(inet);
		tcp_close(libos_tcp_detach(inet));
		inet->state = LIBOS_INET_CLOSED;
		libos_tcp_changed(inet);
		return 0;
	}
	if (inet->state != LIBOS_INET_CONNECTED)
		return -ENOTCONN;
	if (how != SHUT_RD && !inet->write_shut) {
		if (inet->tcp && tcp_shutdown(inet->tcp, 0, 1) != ERR_OK)
			return -ENOBUFS;
		inet->write_shut = true;
	}
	if (how != SHUT_WR)
		inet->read_shut = true;
	libos_tcp_changed(inet);
	libos_network_poll();
	return 0;
}

static unsigned ready(struct libos_file *file)
{
	struct libos_inet *inet = libos_inet_of(file);
	unsigned ready = inet->error ? POLLERR : 0;
	switch (inet->state) {
	case LIBOS_INET_LISTENING:
		return ready | (inet->pending ? POLLIN | POLLRDNORM : 0);
	case LIBOS_INET_CONNECTING:
		return ready;
	case LIBOS_INET_NEW:
		return ready | POLLOUT | POLLWRNORM | POLLHUP;
	case LIBOS_INET_CLOSED:
		return ready | POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLHUP | POLLRDHUP;
	case LIBOS_INET_CONNECTED:
		break;
	}
	bool no_more = inet->peer_closed || inet->read_shut;
	if (inet->received || no_more)
		ready |= POLLIN | POLLRDNORM;
	if (no_more)
		ready |= POLLRDHUP;
	if ((inet->peer_closed && inet->write_shut) || (inet->read_shut && inet->write_shut))
		ready |= POLLHUP;
	if (inet->write_shut || !inet->tcp || libos_tcp_has_room(inet))
		ready |= POLLOUT | POLLWRNORM;
	else
		inet->was_full = true;
	return ready;
}

static long control(struct libos_file *file, unsigned request, void *argument)
{
	struct libos_inet *inet = libos_inet_of(file);
	if (request != FIONREAD && request != TIOCOUTQ)
		return -ENOTTY;
	if (!libos_writable(argument, sizeof(int)))
		return -EFAULT;
	libos_network_poll();
	size_t waiting = inet->tcp && inet->state == LIBOS_INET_CONNECTED ? TCP_SND_BUF - tcp_sndbuf(inet->tcp) : 0;
	*(int *)argument = (int)(request == FIONREAD ? inet->received : waiting);
	return 0;
}

static long status(struct libos_file *file, struct stat *status)
{
	status->st_ino = (uintptr_t)file - LIBOS_DIRECT_MAP;
	status->st_mode = LIBOS_SOCKET_MODE;
	return 0;
}

static void close_tcp(struct libos_file *file)
{
	struct libos_inet *inet = libos_inet_of(file);
	libos_network_poll();
	if (inet->state == LIBOS_INET_LISTENING)
		libos_tcp_drop_pending(inet);
	if (inet->tcp) {
		bool listening = inet->state == LIBOS_INET_LISTENING;
		bool cut = !listening && (inet->received || (inet->linger && !inet->linger_seconds));
		struct tcp_pcb *tcp = libos_tcp_detach(inet);
		if (cut || (tcp_close(tcp) != ERR_OK && !listening))
			tcp_abort(tcp);
	}
	while (inet->first) {
		struct pbuf *packet = inet->first;
		inet->first = packet->next;
		packet->next = NULL;
		pbuf_free(packet);
	}
	libos_free(inet);
	libos_network_poll();
}

static long read_tcp(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	struct iovec part = {buffer, size};
	struct libos_message message = {.parts = &part, .count = 1, .size = size, .own = true};
	(void)offset;
	return libos_socket_receive(file, &message);
}

static long write_tcp(struct libos_file *file, const void *buffer, size_t size, uint64_t *offset)
{
	struct iovec part = {(void *)buffer, size};
	struct libos_message message = {.parts = &part, .count = 1, .size = size, .own = true};
	(void)offset;
	return libos_socket_send(file, &message);
}

static const struct libos_socket_kind socket_kind = {
	.bind = libos_tcp_bind,
	.listen = libos_tcp_listen,
	.accept = libos_tcp_accept,
	.connect = connect_tcp,
	.send = send_tcp,
	.receive = receive_tcp,
	.shutdown = shutdown_tcp,
	.name = libos_inet_name,
	.get_option = libos_inet_get_option,
	.set_option = libos_inet_set_option,
};
static const struct libos_file_kind kind = {
	.read = read_tcp,
	.write = write_tcp,
	.ready = ready,
	.control = control,
	.status = status,
	.close = close_tcp,
	.socket = &socket_kind,
};

long libos_tcp_start(struct libos_inet *inet)
{
	struct tcp_pcb *tcp = tcp_new_ip_type(inet->family == AF_INET ? IPADDR_TYPE_V4 : IPADDR_TYPE_ANY);
	if (!tcp)
		return -ENOBUFS;
	inet->socket.file.kind = &kind;
	libos_tcp_attach(inet, tcp);
	return 0;
}

struct libos_inet *libos_tcp_new(int family)
{
	struct libos_inet *inet = libos_allocate(sizeof *inet);
	if (!inet)
		return NULL;
	inet->socket.file.kind = &kind;
	inet->socket.file.references = 1;
	inet->socket.file.flags = O_RDWR;
	inet->family = family;
	inet->receive_buffer = inet->send_buffer = 106496;
	return inet;
}
