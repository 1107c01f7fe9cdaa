/* Connecting sockets: bind(2), listen(2), accept(2), connect(2), shutdown(2). */
#include "readiness.h"
#include "socket_call.h"
#include <asm/socket.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

enum { SOCK_CLOEXEC = O_CLOEXEC, SOCK_NONBLOCK = O_NONBLOCK };

long libos_sys_bind(int descriptor, const void *from, unsigned size)
{
	struct libos_address address;
	long error;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	if (error || (error = libos_take_address(from, size, &address)))
		return error;
	return file->kind->socket->bind ? file->kind->socket->bind(file, &address) : -EOPNOTSUPP;
}

long libos_sys_listen(int descriptor, int backlog)
{
	long error;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	if (error)
		return error;
	return file->kind->socket->listen ? file->kind->socket->listen(file, backlog) : -EOPNOTSUPP;
}

static uint64_t deadline_of(uint64_t timeout)
{
	return timeout ? libos_clock_nanoseconds() + timeout : LIBOS_NEVER;
}

static long accept_one(struct libos_file *file, struct libos_file **accepted, struct libos_address *peer)
{
	uint64_t deadline = deadline_of(((struct libos_socket *)file)->receive_timeout);
	for (;;) {
		long result = file->kind->socket->accept(file, accepted, peer);
		if (result != -EAGAIN || file->flags & O_NONBLOCK)
			return result;
		result = libos_wait(&file->changed, deadline);
		if (result)
			return result == -ETIMEDOUT ? -EAGAIN : result;
	}
}

long libos_sys_accept4(int descriptor, void *to, unsigned *size, int flags)
{
	struct libos_file *accepted;
	struct libos_address address;
	long error;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	if (error)
		return error;
	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	if (!file->kind->socket->accept)
		return -EOPNOTSUPP;
	libos_file_keep(file);
	error = accept_one(file, &accepted, &address);
	libos_file_release(file);
	if (error)
		return error;
	if (to)
		error = libos_put_address(&address, to, size);
	if (error) {
		libos_file_release(accepted);
		return error;
	}
	accepted->flags |= (unsigned)(flags & SOCK_NONBLOCK);
	return libos_descriptor_add(accepted, flags & SOCK_CLOEXEC);
}

long libos_sys_accept(int descriptor, void *to, unsigned *size)
{
	return libos_sys_accept4(descriptor, to, size, 0);
}

static long wait_until_connected(struct libos_file *file)
{
	int code = 0;
	size_t size = sizeof code;
	uint64_t deadline = deadline_of(((struct libos_socket *)file)->send_timeout);
	while (!(libos_file_ready(file) & (POLLOUT | POLLERR | POLLHUP))) {
		long result = libos_wait(&file->changed, deadline);
		if (result)
			return result == -ETIMEDOUT ? -EINPROGRESS : result;
	}
	file->kind->socket->get_option(file, SOL_SOCKET, SO_ERROR, &code, &size);
	return -code;
}

long libos_sys_connect(int descriptor, const void *from, unsigned size)
{
	struct libos_address address;
	long error;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	if (error || (error = libos_take_address(from, size, &address)))
		return error;
	if (!file->kind->socket->connect)
		return -EOPNOTSUPP;
	libos_file_keep(file);
	error = file->kind->socket->connect(file, &address);
	if ((error == -EINPROGRESS || error == -EALREADY) && !(file->flags & O_NONBLOCK))
		error = wait_until_connected(file);
	libos_file_release(file);
	return error;
}

long libos_sys_shutdown(int descriptor, int how)
{
	long error;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	if (error)
		return error;
	if (how < 0 || how > 2)
		return -EINVAL;
	return file->kind->socket->shutdown ? file->kind->socket->shutdown(file, how) : -EOPNOTSUPP;
}

static long name(int descriptor, void *to, unsigned *size, bool of_peer)
{
	struct libos_address address;
	long error;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	if (error || (error = file->kind->socket->name(file, &address, of_peer)))
		return error;
	return libos_put_address(&address, to, size);
}

long libos_sys_getsockname(int descriptor, void *to, unsigned *size)
{
	return name(descriptor, to, size, false);
}

long libos_sys_getpeername(int descriptor, void *to, unsigned *size)
{
	return name(descriptor, to, size, true);
}
