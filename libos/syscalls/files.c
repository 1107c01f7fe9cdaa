/* Files: there are none but the console. */
#include "file.h"
#include <asm/stat.h>
#include <linux/fcntl.h>

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

long libos_sys_fstat(int descriptor, struct stat *status);
long libos_sys_newfstatat(int directory, const char *path, struct stat *status, int flags)
{
	if (!libos_readable_string(path))
		return -EFAULT;
	return flags & AT_EMPTY_PATH && !*path ? libos_sys_fstat(directory, status) : -ENOENT;
}
