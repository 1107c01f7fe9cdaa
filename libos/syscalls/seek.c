/* lseek(2). */
#include "file.h"

long libos_sys_lseek(int descriptor, int64_t offset, unsigned whence)
{
	struct libos_file *file = libos_file(descriptor);
	if (!file)
		return -EBADF;
	return file->kind->seek ? file->kind->seek(file, offset, whence) : -ESPIPE;
}
