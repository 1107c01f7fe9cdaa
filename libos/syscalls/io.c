/* Reading and writing: descriptors 0, 1 and 2 are the console. */
#include "handlers.h"
#include <linux/uio.h>

enum { CONSOLE_DESCRIPTORS = 3 };
static bool closed[CONSOLE_DESCRIPTORS];

static bool is_open(int descriptor)
{
	return descriptor >= 0 && descriptor < CONSOLE_DESCRIPTORS && !closed[descriptor];
}

bool libos_descriptor_open(int descriptor)
{
	return is_open(descriptor);
}

long libos_sys_close(int descriptor)
{
	if (!is_open(descriptor))
		return -EBADF;
	closed[descriptor] = true;
	return 0;
}

long libos_sys_write(int descriptor, const char *buffer, size_t size)
{
	if (!is_open(descriptor))
		return -EBADF;
	if (!libos_readable(buffer, size))
		return -EFAULT;
	libos_console_write(buffer, size);
	return (long)size;
}

long libos_sys_read(int descriptor, char *buffer, size_t size)
{
	if (!is_open(descriptor))
		return -EBADF;
	if (!libos_writable(buffer, size))
		return -EFAULT;
	return libos_console_read(buffer, size);
}

long libos_sys_writev(int descriptor, const struct iovec *parts, int count)
{
	long total = 0;
	if (count < 0 || count > UIO_MAXIOV)
		return -EINVAL;
	if (!libos_readable(parts, (size_t)count * sizeof *parts))
		return -EFAULT;
	for (int i = 0; i < count; i++) {
		long written = libos_sys_write(descriptor, parts[i].iov_base, parts[i].iov_len);
		if (written < 0)
			return total ? total : written;
		total += written;
	}
	return total;
}

long libos_sys_readv(int descriptor, const struct iovec *parts, int count)
{
	long total = 0;
	if (count < 0 || count > UIO_MAXIOV)
		return -EINVAL;
	if (!libos_readable(parts, (size_t)count * sizeof *parts))
		return -EFAULT;
	for (int i = 0; i < count; i++) {
		if (!parts[i].iov_len)
			continue;
		long got = libos_sys_read(descriptor, parts[i].iov_base, parts[i].iov_len);
		if (got < 0)
			return total ? total : got;
		total += got;
		if ((size_t)got < parts[i].iov_len)
			break;
	}
	return total;
}
