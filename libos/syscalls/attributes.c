/* What can be changed of a file besides its content and names: chmod(2), chown(2), utimensat(2). */
#include "node.h"
#include <linux/fcntl.h>
#include <linux/stat.h>
#include <linux/time_types.h>

/* The node of a path, or of a descriptor where the path is null or (AT_EMPTY_PATH) empty. */
static long find(int directory, const char *path, unsigned flags, struct libos_node **node)
{
	struct libos_walk walk;
	if (!path || (flags & AT_EMPTY_PATH && libos_readable_string(path) && !*path)) {
		struct libos_file *file = libos_file(directory);
		*node = file ? libos_opened_node(file) : NULL;
		return file && (path || !(file->flags & O_PATH)) ? 0 : -EBADF;
	}
	long error = libos_walk_to_node(&walk, directory, path, !(flags & AT_SYMLINK_NOFOLLOW));
	*node = walk.node;
	return error;
}

static long change_mode(int directory, const char *path, uint32_t mode)
{
	struct libos_node *node;
	long error = find(directory, path, 0, &node);
	if (error || !node)
		return error;
	return libos_node_change(node, &(struct libos_change){.fields = LIBOS_CHANGE_MODE, .mode = mode});
}

long libos_sys_fchmodat(int directory, const char *path, uint32_t mode)
{
	return path ? change_mode(directory, path, mode) : -EFAULT;
}
long libos_sys_chmod(const char *path, uint32_t mode)
{
	return libos_sys_fchmodat(AT_FDCWD, path, mode);
}
long libos_sys_fchmod(int descriptor, uint32_t mode)
{
	return change_mode(descriptor, NULL, mode);
}

static long change_owner(int directory, const char *path, uint32_t owner, uint32_t group, unsigned flags)
{
	const uint32_t unchanged = UINT32_MAX;
	struct libos_node *node;
	long error = find(directory, path, flags, &node);
	if (error || !node)
		return error;
	struct libos_change change = {.mode = node->mode, .owner = owner, .group = group};
	change.fields = (owner != unchanged ? LIBOS_CHANGE_OWNER : 0) | (group != unchanged ? LIBOS_CHANGE_GROUP : 0);
	if (libos_is(node, S_IFREG)) { /* chown(2) */
		change.mode &= ~(uint32_t)(S_ISUID | (node->mode & S_IXGRP ? S_ISGID : 0));
		change.fields |= change.mode != node->mode ? LIBOS_CHANGE_MODE : 0;
	}
	return libos_node_change(node, &change);
}

long libos_sys_fchownat(int directory, const char *path, uint32_t owner, uint32_t group, unsigned flags)
{
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return path ? change_owner(directory, path, owner, group, flags) : -EFAULT;
}
long libos_sys_chown(const char *path, uint32_t owner, uint32_t group)
{
	return libos_sys_fchownat(AT_FDCWD, path, owner, group, 0);
}
long libos_sys_lchown(const char *path, uint32_t owner, uint32_t group)
{
	return libos_sys_fchownat(AT_FDCWD, path, owner, group, AT_SYMLINK_NOFOLLOW);
}
long libos_sys_fchown(int descriptor, uint32_t owner, uint32_t group)
{
	return change_owner(descriptor, NULL, owner, group, 0);
}

long libos_sys_utimensat(int directory, const char *path, const struct __kernel_timespec *times, unsigned flags)
{
	enum { UTIME_NOW = (1 << 30) - 1, UTIME_OMIT = (1 << 30) - 2 };
	const long long second = 1000000000;
	struct libos_node *node;
	long error = find(directory, path, flags, &node);
	if (error || !node)
		return error;
	if (times && !libos_readable(times, 2 * sizeof *times))
		return -EFAULT;
	struct libos_change change = {.fields = 0};
	uint64_t now = libos_realtime(), *const changed[] = {&change.accessed, &change.modified};
	for (unsigned i = 0; times && i < 2; i++)
		if (times[i].tv_nsec != UTIME_NOW && times[i].tv_nsec != UTIME_OMIT && (times[i].tv_nsec < 0 || times[i].tv_nsec >= second))
			return -EINVAL;
	for (unsigned i = 0; i < 2; i++) {
		if (times && times[i].tv_nsec == UTIME_OMIT)
			continue;
		bool is_now = !times || times[i].tv_nsec == UTIME_NOW;
		*changed[i] = is_now ? now : (uint64_t)(times[i].tv_sec * second + times[i].tv_nsec);
		change.fields |= LIBOS_CHANGE_ACCESSED << i;
	}
	return libos_node_change(node, &change);
}
