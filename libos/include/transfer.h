/* What reading and writing share: where a call's data goes, and at which offset. */
#ifndef LIBOS_TRANSFER_H
#define LIBOS_TRANSFER_H
#include "file.h"
#include <linux/uio.h>

typedef long libos_transfer(struct libos_file *file, void *buffer, size_t size, uint64_t *offset);

/* Each part in turn, until one is done in part only; offset null: the file's own. */
static inline long libos_transfer_parts(libos_transfer *transfer, struct libos_file *file, const struct iovec *parts, int count,
					uint64_t *offset)
{
	long total = 0;
	if (count < 0 || count > UIO_MAXIOV)
		return -EINVAL;
	if (!libos_readable(parts, (size_t)count * sizeof *parts))
		return -EFAULT;
	for (int i = 0; i < count; i++) /* readv(2): the sum must be a result */
		if (parts[i].iov_len > (size_t)INT64_MAX)
			return -EINVAL;
	for (int i = 0; i < count; i++) {
		size_t size = parts[i].iov_len;
		long done = transfer(file, parts[i].iov_base, size, offset);
		if (done < 0)
			return total ? total : done;
		total += done;
		if ((size_t)done < size)
			break;
	}
	return total;
}

/* pread and pwrite: only for files that have an offset. */
static inline long libos_check_offset(struct libos_file *file, int64_t offset)
{
	if (!file)
		return -EBADF;
	if (!file->kind->seek)
		return -ESPIPE;
	return offset < 0 ? -EINVAL : 0;
}
#endif
