/* splice(2), which moves nothing: with EINVAL, "does not support splicing", a program goes on with read and write (Go's proxies do). */
#include "file.h"
#include <linux/fcntl.h>

enum { MOVE = 1, NONBLOCK = 2, MORE = 4, GIFT = 8 };

long libos_sys_splice(int from_descriptor, int64_t *from_offset, int to_descriptor, int64_t *to_offset, size_t size, unsigned flags)
{
	(void)from_offset, (void)to_offset;
	if (size == 0)
		return 0;
	if (flags & ~(unsigned)(MOVE | NONBLOCK | MORE | GIFT))
		return -EINVAL;
	struct libos_file *from = libos_file(from_descriptor), *to = libos_file(to_descriptor);
	if (!from || !to || (from->flags & O_ACCMODE) == O_WRONLY || (to->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	return -EINVAL;
}
