/* getsockopt(2), setsockopt(2): what is the same for all sockets here, the rest by their family. */
#include "socket_call.h"
#include <asm/socket.h>
#include <linux/time_types.h>

enum { LARGEST_VALUE = 128 };
static const uint64_t second = 1000000000;

static uint64_t *timeout_of(struct libos_file *file, int level, int name)
{
	struct libos_socket *socket = (struct libos_socket *)file;
	if (level != SOL_SOCKET)
		return NULL;
	return name == SO_RCVTIMEO_OLD ? &socket->receive_timeout : name == SO_SNDTIMEO_OLD ? &socket->send_timeout : NULL;
}

static long set_timeout(uint64_t *timeout, const struct __kernel_old_timeval *time, size_t size)
{
	if (size < sizeof *time)
		return -EINVAL;
	if (time->tv_usec < 0 || time->tv_usec >= 1000000)
		return -EDOM;
	bool far = time->tv_sec > INT32_MAX;
	*timeout = far || time->tv_sec < 0 ? 0 : (uint64_t)time->tv_sec * second + (uint64_t)time->tv_usec * 1000;
	return 0;
}

long libos_sys_setsockopt(int descriptor, int level, int name, const void *value, int size)
{
	char copy[LARGEST_VALUE] __attribute__((aligned(8))) = {0};
	long error;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	if (error)
		return error;
	if (size < 0)
		return -EINVAL;
	size_t part = (size_t)size < sizeof copy ? (size_t)size : sizeof copy;
	if (!libos_readable(value, part))
		return -EFAULT;
	libos_memcpy(copy, value, part);
	uint64_t *timeout = timeout_of(file, level, name);
	if (timeout)
		return set_timeout(timeout, (const void *)copy, part);
	return file->kind->socket->set_option ? file->kind->socket->set_option(file, level, name, copy, part) : -ENOPROTOOPT;
}

long libos_sys_getsockopt(int descriptor, int level, int name, void *value, int *size)
{
	char copy[LARGEST_VALUE] __attribute__((aligned(8))) = {0};
	long error;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	if (error)
		return error;
	if (!libos_writable(size, sizeof *size))
		return -EFAULT;
	if (*size < 0)
		return -EINVAL;
	size_t part = sizeof(int);
	const uint64_t *timeout = timeout_of(file, level, name);
	if (timeout) {
		struct __kernel_old_timeval time = {(long)(*timeout / second), (long)(*timeout % second / 1000)};
		part = sizeof time;
		libos_memcpy(copy, &time, part);
	} else {
		error = file->kind->socket->get_option ? file->kind->socket->get_option(file, level, name, copy, &part) : -ENOPROTOOPT;
	}
	if (error)
		return error;
	if (part > (size_t)*size)
		part = (size_t)*size;
	if (!libos_writable(value, part))
		return -EFAULT;
	libos_memcpy(value, copy, part);
	*size = (int)part;
	return 0;
}
