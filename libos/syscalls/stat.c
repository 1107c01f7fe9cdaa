/* What is known of a file by its path: stat(2), statx(2), access(2), readlink(2), statfs(2). */
#include "node.h"
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/fcntl.h>

long libos_sys_fstat(int descriptor, struct stat *status);

static long status_of_path(int directory, const char *path, struct stat *status, bool follow)
{
	struct libos_walk walk;
	long error = libos_walk_to_node(&walk, directory, path, follow);
	if (error)
		return error;
	if (!libos_writable(status, sizeof *status))
		return -EFAULT;
	libos_node_status(walk.node, status);
	return 0;
}

/* AT_EMPTY_PATH with an empty path: the descriptor itself. */
static bool is_descriptor(const char *path, unsigned flags)
{
	return flags & AT_EMPTY_PATH && (!path || (libos_readable_string(path) && !*path));
}

long libos_sys_newfstatat(int directory, const char *path, struct stat *status, unsigned flags)
{
	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		return -EINVAL;
	if (is_descriptor(path, flags) && directory != AT_FDCWD)
		return libos_sys_fstat(directory, status);
	return status_of_path(directory, is_descriptor(path, flags) ? "." : path, status, !(flags & AT_SYMLINK_NOFOLLOW));
}

long libos_sys_stat(const char *path, struct stat *status)
{
	return status_of_path(AT_FDCWD, path, status, true);
}

long libos_sys_lstat(const char *path, struct stat *status)
{
	return status_of_path(AT_FDCWD, path, status, false);
}

static struct statx_timestamp timestamp(uint64_t seconds, uint64_t nanoseconds)
{
	return (struct statx_timestamp){.tv_sec = (int64_t)seconds, .tv_nsec = (uint32_t)nanoseconds};
}

static long path_status_of(int directory, const char *path, unsigned flags, struct stat *status)
{
	struct libos_walk walk;
	if (is_descriptor(path, flags) && directory != AT_FDCWD) {
		struct libos_file *file = libos_file(directory);
		if (!file)
			return -EBADF;
		return file->kind->status ? file->kind->status(file, status) : 0;
	}
	long error = libos_walk_to_node(&walk, directory, is_descriptor(path, flags) ? "." : path, !(flags & AT_SYMLINK_NOFOLLOW));
	if (!error)
		libos_node_status(walk.node, status);
	return error;
}

long libos_sys_statx(int directory, const char *path, unsigned flags, unsigned mask, struct statx *result)
{
	struct stat status = {.st_nlink = 1, .st_mode = 0600, .st_blksize = LIBOS_PAGE_SIZE};
	if (mask & STATX__RESERVED || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	long error = path_status_of(directory, path, flags, &status);
	if (error)
		return error;
	if (!libos_writable(result, sizeof *result))
		return -EFAULT;
	*result = (struct statx){
		.stx_mask = STATX_BASIC_STATS,
		.stx_blksize = (uint32_t)status.st_blksize,
		.stx_nlink = (uint32_t)status.st_nlink,
		.stx_uid = status.st_uid,
		.stx_gid = status.st_gid,
		.stx_mode = (uint16_t)status.st_mode,
		.stx_ino = status.st_ino,
		.stx_size = (uint64_t)status.st_size,
		.stx_blocks = (uint64_t)status.st_blocks,
		.stx_atime = timestamp(status.st_atime, status.st_atime_nsec),
		.stx_mtime = timestamp(status.st_mtime, status.st_mtime_nsec),
		.stx_ctime = timestamp(status.st_ctime, status.st_ctime_nsec),
		.stx_rdev_major = (uint32_t)status.st_rdev >> 8,
		.stx_rdev_minor = status.st_rdev & 255,
		.stx_dev_minor = (uint32_t)status.st_dev,
	};
	return 0;
}

/* The program is root's, who may do all but run what nobody may run (access(2)). */
long libos_sys_faccessat2(int directory, const char *path, unsigned mode, unsigned flags)
{
	enum { EXECUTE = 1, READ_WRITE_EXECUTE = 7, ANYONE_EXECUTES = 0111 };
	struct stat status = {.st_mode = 0600};
	if (mode & ~READ_WRITE_EXECUTE || flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	long error = path_status_of(directory, path, flags, &status);
	if (error)
		return error;
	bool may_run = (status.st_mode & S_IFMT) == S_IFDIR || status.st_mode & ANYONE_EXECUTES;
	return mode & EXECUTE && !may_run ? -EACCES : 0;
}

long libos_sys_faccessat(int directory, const char *path, unsigned mode)
{
	return libos_sys_faccessat2(directory, path, mode, 0);
}

long libos_sys_access(const char *path, unsigned mode)
{
	return libos_sys_faccessat2(AT_FDCWD, path, mode, 0);
}

long libos_sys_readlinkat(int directory, const char *path, char *buffer, int size)
{
	struct libos_walk walk;
	if (size <= 0)
		return -EINVAL;
	long error = libos_walk_to_node(&walk, directory, path, false);
	if (error)
		return error;
	if (!libos_is(walk.node, S_IFLNK))
		return -EINVAL;
	size_t length = walk.node->size < (size_t)size ? walk.node->size : (size_t)size;
	if (!libos_writable(buffer, length))
		return -EFAULT;
	libos_memcpy(buffer, walk.node->target, length);
	return (long)length;
}

long libos_sys_readlink(const char *path, char *buffer, int size)
{
	return libos_sys_readlinkat(AT_FDCWD, path, buffer, size);
}

static long fill_statfs(struct libos_node *node, struct statfs *result)
{
	enum { TMPFS_MAGIC = 0x01021994 };
	if (!libos_writable(result, sizeof *result))
		return -EFAULT;
	if (node && node->backing)
		return node->backing->space(node, result);
	*result = (struct statfs){
		.f_type = TMPFS_MAGIC,
		.f_bsize = LIBOS_PAGE_SIZE,
		.f_frsize = LIBOS_PAGE_SIZE,
		.f_blocks = (long)libos_pages_total,
		.f_bfree = (long)libos_pages_free,
		.f_bavail = (long)libos_pages_free,
		.f_namelen = LIBOS_NAME_MAX,
	};
	return 0;
}

long libos_sys_statfs(const char *path, struct statfs *result)
{
	struct libos_walk walk;
	long error = libos_walk_to_node(&walk, AT_FDCWD, path, true);
	return error ? error : fill_statfs(walk.node, result);
}

long libos_sys_fstatfs(int descriptor, struct statfs *result)
{
	struct libos_file *file = libos_file(descriptor);
	return file ? fill_statfs(libos_opened_node(file), result) : -EBADF;
}
