/* Writing: write(2), writev(2), pwrite(2). */
#include "transfer.h"
#include <linux/fcntl.h>

static long write_file(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	if (!file || (file->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (!file->kind->write)
		return -EINVAL;
	if (!libos_readable(buffer, size))
		return -EFAULT;
	libos_file_keep(file);
	long result = file->kind->write(file, buffer, size, offset ? offset : &file->offset);
	libos_file_release(file);
	return result;
}

long libos_sys_write(int descriptor, void *buffer, size_t size)
{
	return write_file(libos_file(descriptor), buffer, size, NULL);
}

long libos_sys_writev(int descriptor, const struct iovec *parts, int count)
{
	struct libos_file *file = libos_file(descriptor);
	return file ? libos_transfer_parts(write_file, file, parts, count, NULL) : -EBADF;
}

long libos_sys_pwrite64(int descriptor, void *buffer, size_t size, int64_t offset)
{
	struct libos_file *file = libos_file(descriptor);
	uint64_t at = (uint64_t)offset;
	long error = libos_check_offset(file, offset);
	return error ? error : write_file(file, buffer, size, &at);
}

long libos_sys_pwritev(int descriptor, const struct iovec *parts, int count, int64_t offset)
{
	struct libos_file *file = libos_file(descriptor);
	uint64_t at = (uint64_t)offset;
	long error = libos_check_offset(file, offset);
	return error ? error : libos_transfer_parts(write_file, file, parts, count, &at);
}

/* An offset of -1 is the file's own; no flag is known here. */
long libos_sys_pwritev2(int descriptor, const struct iovec *parts, int count, int64_t offset, long high, int flags)
{
	(void)high;
	if (flags)
		return -EOPNOTSUPP;
	return offset == -1 ? libos_sys_writev(descriptor, parts, count) : libos_sys_pwritev(descriptor, parts, count, offset);
}
