/* fstat(2). */
#include "file.h"
#include <asm/stat.h>
#include <linux/stat.h>

long libos_console_status(struct libos_file *file, struct stat *status);
long libos_console_status(struct libos_file *file, struct stat *status)
{
	(void)file;
	*status = (struct stat){
		.st_ino = 1, .st_nlink = 1, .st_mode = S_IFCHR | 0620, .st_rdev = 5 << 8 | 1, .st_blksize = 1024};
	return 0;
}

/* A kind that says nothing is like an anonymous inode of Linux. */
long libos_sys_fstat(int descriptor, struct stat *status)
{
	struct libos_file *file = libos_file(descriptor);
	if (!file)
		return -EBADF;
	if (!libos_writable(status, sizeof *status))
		return -EFAULT;
	*status = (struct stat){.st_ino = 1, .st_nlink = 1, .st_mode = 0600, .st_blksize = LIBOS_PAGE_SIZE};
	return file->kind->status ? file->kind->status(file, status) : 0;
}
