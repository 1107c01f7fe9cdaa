/* Bytes and datagrams between two local sockets of this machine: unix(7). */
#include "local.h"
#include "readiness.h"
#include <asm/socket.h>
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

static bool at_end(const struct libos_local *end)
{
	return end->no_more_in || (end->type != SOCK_DGRAM && (!end->peer || end->peer->no_more_out));
}

/* syscalls/identity.c, in a program that asks who it is */
long libos_sys_geteuid(void) __attribute__((weak));
long libos_sys_getegid(void) __attribute__((weak));

struct libos_credentials libos_local_credentials(void)
{
	enum { PROCESS = 1 }; /* getpid */
	return (struct libos_credentials){PROCESS, libos_sys_geteuid ? (uint32_t)libos_sys_geteuid() : 0,
					  libos_sys_getegid ? (uint32_t)libos_sys_getegid() : 0};
}

static long take_error(struct libos_local *end)
{
	long error = -end->error;
	end->error = 0;
	return error;
}

static void put(struct libos_local *peer, const struct libos_message *message, size_t size)
{
	size_t done = 0, part;
	for (const char *from; done < size && (from = libos_message_piece(message, message->done + done, &part)); done += part) {
		if (part > size - done)
			part = size - done;
		if (libos_channel_put(&peer->incoming, from, part) < part)
			break;
	}
}

long libos_local_send(struct libos_file *file, const struct libos_message *message)
{
	struct libos_local *end = (struct libos_local *)file;
	if (!end->connected)
		return -ENOTCONN;
	if (end->peer || end->no_more_out || end->type != SOCK_DGRAM)
		return libos_local_send_to(end, end->peer, message);
	end->connected = false; /* the peer is gone, which is told once, and what it sent is lost */
	libos_local_forget(end);
	return -ECONNREFUSED;
}

long libos_local_send_to(struct libos_local *end, struct libos_local *peer, const struct libos_message *message)
{
	bool stream = end->type == SOCK_STREAM;
	if (end->no_more_out || !peer || peer->no_more_in)
		return -EPIPE;
	size_t room = libos_channel_room(&peer->incoming), size = message->size - message->done;
	struct libos_packet packet = {(uint32_t)size, end->type == SOCK_DGRAM && end->name ? (uint32_t)end->name->size : 0};
	size_t header = stream ? 0 : sizeof packet + packet.name_size;
	if (!stream && size + header > LIBOS_CHANNEL_SIZE)
		return -EMSGSIZE;
	if (stream ? size && !room : room < size + header)
		return -EAGAIN;
	if (size / LIBOS_PAGE_SIZE + 2 > libos_pages_free)
		return -ENOBUFS;
	if (stream)
		size = size < room ? size : room;
	long error = message->control_size && !message->done && libos_local_attach ? libos_local_attach(peer, message, header + size) : 0;
	if (error)
		return error;
	if (!stream) {
		libos_channel_put(&peer->incoming, &packet, sizeof packet);
		libos_channel_put(&peer->incoming, packet.name_size ? end->name->bytes : NULL, packet.name_size);
	}
	put(peer, message, size);
	libos_notify(&peer->socket.file.changed);
	return (long)size;
}

static void get(struct libos_channel *channel, size_t offset, const struct libos_message *message, size_t size)
{
	size_t done = 0, part;
	for (char *to; done < size && (to = libos_message_piece(message, message->done + done, &part)); done += part) {
		if (part > size - done)
			part = size - done;
		libos_channel_peek(channel, offset + done, to, part);
	}
}

long libos_local_receive(struct libos_file *file, struct libos_message *message)
{
	struct libos_local *end = (struct libos_local *)file;
	size_t room = message->size - message->done, whole = end->incoming.size, header = 0;
	struct libos_packet packet;
	if (message->address)
		message->address->size = 0;
	if (!end->incoming.size && end->error)
		return take_error(end);
	if (!end->incoming.size)
		return at_end(end) ? 0 : -EAGAIN;
	if (end->type != SOCK_STREAM) {
		libos_channel_peek(&end->incoming, 0, &packet, sizeof packet);
		header = sizeof packet + packet.name_size;
		whole = packet.size;
		if (whole > room)
			message->result_flags |= MSG_TRUNC;
		if (message->address) {
			message->address->size = packet.name_size;
			libos_channel_peek(&end->incoming, sizeof packet, message->address->bytes, packet.name_size);
		}
	}
	size_t size = whole < room ? whole : room;
	if ((end->attached || end->wants_credentials) && libos_local_detach) {
		size_t together = libos_local_detach(end, message, header ? header + whole : size);
		size = header ? size : together;
	}
	get(&end->incoming, header, message, size);
	if (!(message->flags & MSG_PEEK)) {
		libos_channel_get(&end->incoming, NULL, header ? header + whole : size);
		if (end->peer)
			libos_notify(&end->peer->socket.file.changed);
	}
	return (long)(header && message->flags & MSG_TRUNC ? whole : size);
}

long libos_local_shutdown(struct libos_file *file, int how)
{
	struct libos_local *end = (struct libos_local *)file;
	end->no_more_in |= how != SHUT_WR;
	end->no_more_out |= how != SHUT_RD;
	libos_notify(&file->changed);
	if (end->peer)
		libos_notify(&end->peer->socket.file.changed);
	return 0;
}

long libos_local_get_option(struct libos_file *file, int level, int option, void *value, size_t *size)
{
	struct libos_local *end = (struct libos_local *)file;
	int *number = value;
	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	switch (option) {
	case SO_TYPE:
		*number = end->type;
		return 0;
	case SO_DOMAIN:
		*number = AF_UNIX;
		return 0;
	case SO_RCVBUF:
	case SO_SNDBUF:
		*number = LIBOS_CHANNEL_SIZE;
		return 0;
	case SO_ERROR:
		*number = (int)-take_error(end);
		return 0;
	case SO_PASSCRED:
		*number = end->wants_credentials;
		return 0;
	case SO_PEERCRED:
		*(struct libos_credentials *)value = end->knows_peer ? libos_local_credentials() : (struct libos_credentials){0, ~0u, ~0u};
		*size = sizeof(struct libos_credentials);
		return 0;
	case SO_ACCEPTCONN:
	case SO_PROTOCOL:
		*number = 0;
		return 0;
	}
	return -ENOPROTOOPT;
}

long libos_local_set_option(struct libos_file *file, int level, int option, const void *value, size_t size)
{
	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	if (option == SO_PASSCRED && size < sizeof(int))
		return -EINVAL;
	if (option == SO_PASSCRED)
		((struct libos_local *)file)->wants_credentials = *(const int *)value;
	return 0;
}

long libos_local_read(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	const struct iovec part = {buffer, size};
	(void)offset;
	for (;;) {
		struct libos_message message = {.parts = &part, .count = 1, .size = size};
		long result = libos_still_writable(buffer, size) ? file->kind->socket->receive(file, &message) : -EFAULT;
		if (result != -EAGAIN || (result = libos_wait_for_file(file)))
			return result;
	}
}

long libos_local_write(struct libos_file *file, const void *buffer, size_t size, uint64_t *offset)
{
	const struct iovec part = {(void *)buffer, size};
	struct libos_message message = {.parts = &part, .count = 1, .size = size};
	(void)offset;
	for (;;) {
		long result = libos_still_readable(buffer, size) ? file->kind->socket->send(file, &message) : -EFAULT;
		if (result >= 0 && (message.done += (size_t)result) == size)
			return (long)size;
		if (result == -EAGAIN)
			result = libos_wait_for_file(file);
		if (result == -EPIPE && libos_signal_pipe && ((struct libos_local *)file)->type == SOCK_STREAM)
			libos_signal_pipe();
		if (result < 0)
			return message.done ? (long)message.done : result;
	}
}

unsigned libos_local_ready(struct libos_file *file)
{
	const struct libos_local *end = (struct libos_local *)file, *peer = end->peer;
	bool in_ended = at_end(end), out_ended = end->no_more_out || !peer || peer->no_more_in;
	return (end->error ? POLLERR : 0) | (end->incoming.size || in_ended ? POLLIN | POLLRDNORM : 0) | (in_ended ? POLLRDHUP : 0) |
	       (out_ended || libos_channel_room(&peer->incoming) ? POLLOUT | POLLWRNORM : 0) | (in_ended && out_ended ? POLLHUP : 0);
}

long libos_local_status(struct libos_file *file, struct stat *status)
{
	(void)file;
	status->st_mode = LIBOS_SOCKET_MODE;
	return 0;
}

void libos_local_start(struct libos_local *local, const struct libos_file_kind *kind, int type, unsigned flags)
{
	local->socket.file = (struct libos_file){.kind = kind, .references = 1, .flags = O_RDWR | (flags & O_NONBLOCK)};
	local->type = type;
}

void libos_local_join(struct libos_local *one, struct libos_local *other)
{
	one->peer = other;
	other->peer = one;
	one->connected = other->connected = one->knows_peer = other->knows_peer = true;
}

/* What the peer sent and nobody read is lost, which the peer is told. */
void libos_local_leave(struct libos_local *local)
{
	struct libos_local *peer = local->peer;
	if (peer) {
		if (local->incoming.size && local->type != SOCK_DGRAM)
			peer->error = ECONNRESET;
		peer->peer = NULL;
		libos_notify(&peer->socket.file.changed);
	}
	libos_local_forget(local);
	libos_free(local);
}

void libos_local_forget(struct libos_local *local)
{
	if (local->attached)
		libos_local_drop(local);
	libos_channel_empty(&local->incoming);
}
