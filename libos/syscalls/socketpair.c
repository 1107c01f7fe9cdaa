/* socketpair(2): two local sockets that are connected, without names. */
#include "descriptors.h"
#include "local.h"
#include <linux/fcntl.h>

static long name(struct libos_file *file, struct libos_address *address, bool of_peer)
{
	(void)file, (void)of_peer;
	*address = (struct libos_address){.size = sizeof address->family, .family = AF_UNIX};
	return 0;
}

static void close_end(struct libos_file *file)
{
	libos_local_leave((struct libos_local *)file);
}

static const struct libos_socket_kind socket_kind = {
	.send = libos_local_send,
	.receive = libos_local_receive,
	.shutdown = libos_local_shutdown,
	.name = name,
	.get_option = libos_local_get_option,
	.set_option = libos_local_set_option,
};
static const struct libos_file_kind kind = {
	.read = libos_local_read,
	.write = libos_local_write,
	.ready = libos_local_ready,
	.status = libos_local_status,
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
	struct libos_local *one = libos_allocate(sizeof *one), *other = libos_allocate(sizeof *other);
	if (!one || !other) {
		libos_free(one);
		libos_free(other);
		return -ENOMEM;
	}
	libos_local_start(one, &kind, type, flags);
	libos_local_start(other, &kind, type, flags);
	libos_local_join(one, other);
	int first = libos_descriptor_add(&one->socket.file, flags & O_CLOEXEC);
	if (first < 0) {
		libos_file_release(&other->socket.file);
		return first;
	}
	int second = libos_descriptor_add(&other->socket.file, flags & O_CLOEXEC);
	if (second < 0) {
		libos_descriptor_close(first);
		return second;
	}
	descriptors[0] = first;
	descriptors[1] = second;
	return 0;
}
