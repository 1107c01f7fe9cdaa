/* sendfile(2), for any file that can be read and any that can be written. */
#include "file.h"
#include <linux/fcntl.h>

enum { PART = 16 * LIBOS_PAGE_SIZE };

static long copy(struct libos_file *to, struct libos_file *from, uint64_t *offset, size_t size, char *buffer)
{
	size_t done = 0;
	while (done < size) {
		uint64_t at = *offset;
		long got = from->kind->read(from, buffer, size - done < PART ? size - done : PART, &at);
		if (got <= 0)
			return done ? (long)done : got;
		long put = to->kind->write(to, buffer, (size_t)got, &to->offset);
		if (put < 0)
			return done ? (long)done : put;
		*offset += (uint64_t)put;
		done += (size_t)put;
		if (put < got)
			break;
	}
	return (long)done;
}

long libos_sys_sendfile(int to_descriptor, int from_descriptor, int64_t *offset, size_t size)
{
	struct libos_file *to = libos_file(to_descriptor), *from = libos_file(from_descriptor);
	if (!to || !from || (to->flags & O_ACCMODE) == O_RDONLY || (from->flags & O_ACCMODE) == O_WRONLY)
		return -EBADF;
	if (!from->kind->read || !to->kind->write || !from->kind->seek || to->flags & O_APPEND)
		return -EINVAL;
	if (offset && !libos_writable(offset, sizeof *offset))
		return -EFAULT;
	uint64_t at = offset ? (uint64_t)*offset : from->offset;
	if ((int64_t)at < 0)
		return -EINVAL;
	char *buffer = libos_allocate(PART);
	if (!buffer)
		return -ENOMEM;
	libos_file_keep(to);
	libos_file_keep(from);
	long result = copy(to, from, &at, size, buffer);
	libos_free(buffer);
	if (!offset)
		from->offset = at;
	else if (libos_writable(offset, sizeof *offset))
		*offset = (int64_t)at;
	libos_file_release(to);
	libos_file_release(from);
	return result;
}
