/* Reading: read(2), readv(2), pread(2). */
#include "transfer.h"
#include <linux/fcntl.h>

long libos_console_file_read(struct libos_file *file, void *buffer, size_t size, uint64_t *offset);
long libos_console_file_read(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	(void)offset;
	if (file->flags & O_NONBLOCK && size && !libos_console_has_input())
		return -EAGAIN;
	return libos_console_read(buffer, size);
}

static long read_file(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	if (!file || (file->flags & O_ACCMODE) == O_WRONLY || file->flags & O_PATH)
		return -EBADF;
	if (!file->kind->read)
		return -EINVAL;
	if (!libos_writable(buffer, size))
		return -EFAULT;
	libos_file_keep(file);
	long result = file->kind->read(file, buffer, size, offset ? offset : &file->offset);
	libos_file_release(file);
	return result;
}

long libos_sys_read(int descriptor, void *buffer, size_t size)
{
	return read_file(libos_file(descriptor), buffer, size, NULL);
}

long libos_sys_readv(int descriptor, const struct iovec *parts, int count)
{
	struct libos_file *file = libos_file(descriptor);
	return file ? libos_transfer_parts(read_file, file, parts, count, NULL) : -EBADF;
}

long libos_sys_pread64(int descriptor, void *buffer, size_t size, int64_t offset)
{
	struct libos_file *file = libos_file(descriptor);
	uint64_t at = (uint64_t)offset;
	long error = libos_check_offset(file, offset);
	return error ? error : read_file(file, buffer, size, &at);
}

long libos_sys_preadv(int descriptor, const struct iovec *parts, int count, int64_t offset)
{
	struct libos_file *file = libos_file(descriptor);
	uint64_t at = (uint64_t)offset;
	long error = libos_check_offset(file, offset);
	return error ? error : libos_transfer_parts(read_file, file, parts, count, &at);
}

/* An offset of -1 is the file's own; no flag is known here. */
long libos_sys_preadv2(int descriptor, const struct iovec *parts, int count, int64_t offset, long high, int flags)
{
	(void)high;
	if (flags)
		return -EOPNOTSUPP;
	return offset == -1 ? libos_sys_readv(descriptor, parts, count) : libos_sys_preadv(descriptor, parts, count, offset);
}
