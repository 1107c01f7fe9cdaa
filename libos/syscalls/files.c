/* Files: there are none but the console. */
#include "handlers.h"
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/stat.h>

static long missing(const char *path)
{
	if (!libos_readable_string(path))
		return -EFAULT;
	return -ENOENT;
}

long libos_sys_open(const char *path)
{
	return missing(path);
}
long libos_sys_openat(int directory, const char *path)
{
	(void)directory;
	return missing(path);
}
long libos_sys_readlink(const char *path)
{
	return missing(path);
}
long libos_sys_readlinkat(int directory, const char *path)
{
	(void)directory;
	return missing(path);
}

long libos_sys_access(const char *path)
{
	return missing(path);
}
long libos_sys_faccessat(int directory, const char *path)
{
	(void)directory;
	return missing(path);
}
long libos_sys_stat(const char *path)
{
	return missing(path);
}
long libos_sys_lstat(const char *path)
{
	return missing(path);
}

long libos_sys_lseek(int descriptor)
{
	return libos_descriptor_open(descriptor) ? -ESPIPE : -EBADF;
}

long libos_sys_fstat(int descriptor, struct stat *status)
{
	if (!libos_descriptor_open(descriptor))
		return -EBADF;
	if (!libos_writable(status, sizeof *status))
		return -EFAULT;
	*status = (struct stat){
		.st_ino = 1, .st_nlink = 1, .st_mode = S_IFCHR | 0620, .st_rdev = 5 << 8 | 1, .st_blksize = 1024};
	return 0;
}

long libos_sys_newfstatat(int directory, const char *path, struct stat *status, int flags)
{
	if (!libos_readable_string(path))
		return -EFAULT;
	return flags & AT_EMPTY_PATH && !*path ? libos_sys_fstat(directory, status) : -ENOENT;
}

long libos_sys_fcntl(int descriptor, unsigned command)
{
	if (!libos_descriptor_open(descriptor))
		return -EBADF;
	switch (command) {
	case F_GETFD:
	case F_SETFD:
	case F_SETFL:
		return 0;
	case F_GETFL:
		return O_RDWR;
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return -EMFILE;
	}
	return -EINVAL;
}
