/* socketpair(2): two local sockets that are connected, without names. */
#include "channel.h"
#include "descriptors.h"
#include "readiness.h"
#include "socket.h"
#include <asm/socket.h>
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/poll.h>


struct pair;
struct end {
	struct libos_socket socket;
	struct pair *pair;
	struct libos_channel incoming; /* of datagrams, each behind its size */
	bool no_more_in, no_more_out;
};
struct pair {
	struct end ends[2];
	int type;
};

static struct end *peer_of(const struct end *end)
{
	return &end->pair->ends[end == &end->pair->ends[0]];
}

static bool is_gone(const struct end *end)
{
	return !end->socket.file.references;
}

static bool at_end(const struct end *end)
{
	return end->no_more_in || is_gone(peer_of(end)) || peer_of(end)->no_more_out;
}

static void put(struct end *peer, const struct libos_message *message, size_t size)
{
	size_t done = 0, part;
	for (const char *from; done < size && (from = libos_message_piece(message, message->done + done, &part)); done += part) {
		if (part > size - done)
			part = size - done;
		if (libos_channel_put(&peer->incoming, from, part) < part)
			break;
	}
}

static long send_to_peer(struct libos_file *file, const struct libos_message *message)
{
	struct end *end = (struct end *)file, *peer = peer_of(end);
	bool stream = end->pair->type == SOCK_STREAM;
	size_t room = libos_channel_room(&peer->incoming), size = message->size - message->done;
	uint32_t length = (uint32_t)size;
	if (end->no_more_out || is_gone(peer) || peer->no_more_in)
		return end->pair->type == SOCK_DGRAM && !end->no_more_out ? -ECONNREFUSED : -EPIPE;
	if (!stream && size + sizeof length > LIBOS_CHANNEL_SIZE)
		return -EMSGSIZE;
	if (stream ? size && !room : room < size + sizeof length)
		return -EAGAIN;
	if (size / LIBOS_PAGE_SIZE + 2 > libos_pages_free)
		return -ENOBUFS;
	if (stream)
		size = size < room ? size : room;
	else
		libos_channel_put(&peer->incoming, &length, sizeof length);
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

static long receive_from_peer(struct libos_file *file, struct libos_message *message)
{
	struct end *end = (struct end *)file;
	size_t room = message->size - message->done, whole = end->incoming.size, header = 0;
	uint32_t length;
	message->control_size = 0;
	if (message->address)
		message->address->size = 0;
	if (!end->incoming.size)
		return at_end(end) ? 0 : -EAGAIN;
	if (end->pair->type != SOCK_STREAM) {
		libos_channel_peek(&end->incoming, 0, &length, sizeof length);
		header = sizeof length;
		whole = length;
		if (whole > room)
			message->result_flags |= MSG_TRUNC;
	}
	size_t size = whole < room ? whole : room;
	get(&end->incoming, header, message, size);
	if (!(message->flags & MSG_PEEK)) {
		libos_channel_get(&end->incoming, NULL, header ? header + whole : size);
		libos_notify(&peer_of(end)->socket.file.changed);
	}
	return (long)(header && message->flags & MSG_TRUNC ? whole : size);
}

static long shut_down(struct libos_file *file, int how)
{
	struct end *end = (struct end *)file;
	end->no_more_in |= how != SHUT_WR;
	end->no_more_out |= how != SHUT_RD;
	libos_notify(&file->changed);
	libos_notify(&peer_of(end)->socket.file.changed);
	return 0;
}

static long name(struct libos_file *file, struct libos_address *address, bool of_peer)
{
	(void)file, (void)of_peer;
	*address = (struct libos_address){.size = sizeof address->family, .family = AF_UNIX};
	return 0;
}

static long get_option(struct libos_file *file, int level, int option, void *value, size_t *size)
{
	int *number = value;
	(void)size;
	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	switch (option) {
	case SO_TYPE:
		*number = ((struct end *)file)->pair->type;
		return 0;
	case SO_DOMAIN:
		*number = AF_UNIX;
		return 0;
	case SO_RCVBUF:
	case SO_SNDBUF:
		*number = LIBOS_CHANNEL_SIZE;
		return 0;
	case SO_ERROR:
	case SO_ACCEPTCONN:
	case SO_PROTOCOL:
		*number = 0;
		return 0;
	}
	return -ENOPROTOOPT;
}

static long set_option(struct libos_file *file, int level, int option, const void *value, size_t size)
{
	(void)file, (void)option, (void)value, (void)size;
	return level == SOL_SOCKET ? 0 : -EOPNOTSUPP;
}

static long read_end(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	const struct iovec part = {buffer, size};
	(void)offset;
	for (;;) {
		struct libos_message message = {.parts = &part, .count = 1, .size = size};
		long result = libos_still_writable(buffer, size) ? receive_from_peer(file, &message) : -EFAULT;
		if (result != -EAGAIN || (result = libos_wait_for_file(file)))
			return result;
	}
}

static long write_end(struct libos_file *file, const void *buffer, size_t size, uint64_t *offset)
{
	const struct iovec part = {(void *)buffer, size};
	struct libos_message message = {.parts = &part, .count = 1, .size = size};
	(void)offset;
	for (;;) {
		long result = libos_still_readable(buffer, size) ? send_to_peer(file, &message) : -EFAULT;
		if (result >= 0 && (message.done += (size_t)result) == size)
			return (long)size;
		if (result == -EAGAIN)
			result = libos_wait_for_file(file);
		if (result == -EPIPE && libos_signal_pipe)
			libos_signal_pipe();
		if (result < 0)
			return message.done ? (long)message.done : result;
	}
}

static unsigned end_ready(struct libos_file *file)
{
	const struct end *end = (struct end *)file, *peer = peer_of(end);
	bool in_ended = at_end(end), out_ended = end->no_more_out || is_gone(peer) || peer->no_more_in;
	return (end->incoming.size || in_ended ? POLLIN | POLLRDNORM : 0) | (in_ended ? POLLRDHUP : 0) |
	       (out_ended || libos_channel_room(&peer->incoming) ? POLLOUT | POLLWRNORM : 0) | (in_ended && out_ended ? POLLHUP : 0);
}

static long end_status(struct libos_file *file, struct stat *status)
{
	(void)file;
	status->st_mode = LIBOS_SOCKET_MODE;
	return 0;
}

static void close_end(struct libos_file *file)
{
	struct end *end = (struct end *)file, *peer = peer_of(end);
	if (!is_gone(peer)) {
		libos_notify(&peer->socket.file.changed);
		return;
	}
	libos_channel_empty(&end->incoming);
	libos_channel_empty(&peer->incoming);
	libos_free(end->pair);
}

static const struct libos_socket_kind socket_kind = {
	.send = send_to_peer,
	.receive = receive_from_peer,
	.shutdown = shut_down,
	.name = name,
	.get_option = get_option,
	.set_option = set_option,
};
static const struct libos_file_kind kind = {
	.read = read_end,
	.write = write_end,
	.ready = end_ready,
	.status = end_status,
	.socket = &socket_kind,
	.close = close_end,
};

long libos_sys_socketpair(int family, int type, int protocol, int *descriptors)
{
	enum { TYPE_MASK = 0xf };
	unsigned flags = (unsigned)type & ~(unsigned)TYPE_MASK;
	type &= TYPE_MASK;
	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	if (family != AF_UNIX)
		return family == AF_INET || family == AF_INET6 ? -EOPNOTSUPP : -EAFNOSUPPORT;
	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	if (!libos_writable(descriptors, 2 * sizeof *descriptors))
		return -EFAULT;
	struct pair *pair = libos_allocate(sizeof *pair);
	if (!pair)
		return -ENOMEM;
	pair->type = type;
	for (unsigned i = 0; i < 2; i++) {
		pair->ends[i].pair = pair;
		pair->ends[i].socket.file =
			(struct libos_file){.kind = &kind, .references = 1, .flags = O_RDWR | (flags & O_NONBLOCK)};
	}
	int first = libos_descriptor_add(&pair->ends[0].socket.file, flags & O_CLOEXEC);
	if (first < 0) {
		libos_file_release(&pair->ends[1].socket.file);
		return first;
	}
	int second = libos_descriptor_add(&pair->ends[1].socket.file, flags & O_CLOEXEC);
	if (second < 0) {
		libos_descriptor_close(first);
		return second;
	}
	descriptors[0] = first;
	descriptors[1] = second;
	return 0;
}
