/* Names of files: mkdir(2), link(2), symlink(2), unlink(2), rename(2). */
#include "node.h"
#include <linux/fcntl.h>
#include <linux/fs.h>

/* A place for a new name; `directory`: a slash may follow it. */
static long walk_to_new(struct libos_walk *walk, int descriptor, const char *path, bool directory)
{
	long error = libos_walk(walk, descriptor, path, false);
	if (error)
		return error == -ENOTDIR && walk->node && walk->parent ? -EEXIST : error;
	if (walk->node)
		return -EEXIST;
	if ((walk->ends_with_slash && !directory) || !walk->parent->links)
		return -ENOENT;
	return 0;
}

static long add_new(const struct libos_walk *walk, struct libos_node *node)
{
	if (!node)
		return -ENOSPC;
	long error = libos_name_add(walk->parent, walk->name, walk->length, node);
	libos_node_release(node);
	return error;
}

long libos_sys_mkdirat(int directory, const char *path, uint32_t mode)
{
	struct libos_walk walk;
	long error = walk_to_new(&walk, directory, path, true);
	return error ? error : add_new(&walk, libos_node_make(S_IFDIR | (mode & ~libos_umask & 01777)));
}

long libos_sys_mkdir(const char *path, uint32_t mode)
{
	return libos_sys_mkdirat(AT_FDCWD, path, mode);
}

/* syscalls/fifo.c */
extern const struct libos_device libos_fifo_device;

/* Of the special files only those without a device's number. */
long libos_sys_mknodat(int directory, const char *path, uint32_t mode)
{
	struct libos_walk walk;
	uint32_t type = mode & S_IFMT ? mode & S_IFMT : S_IFREG;
	if (type != S_IFREG && type != S_IFIFO && type != S_IFSOCK)
		return -EPERM;
	long error = walk_to_new(&walk, directory, path, false);
	if (error)
		return error;
	struct libos_node *node = libos_node_make(type | (mode & ~libos_umask & 07777));
	if (node && type == S_IFIFO)
		node->device = &libos_fifo_device;
	return add_new(&walk, node);
}

long libos_sys_mknod(const char *path, uint32_t mode)
{
	return libos_sys_mknodat(AT_FDCWD, path, mode);
}

long libos_sys_symlinkat(const char *target, int directory, const char *path)
{
	struct libos_walk walk;
	if (!libos_readable_string(target))
		return -EFAULT;
	size_t length = libos_strlen(target);
	if (!length)
		return -ENOENT;
	if (length >= LIBOS_PATH_MAX)
		return -ENAMETOOLONG;
	long error = walk_to_new(&walk, directory, path, false);
	if (error)
		return error;
	struct libos_node *node = libos_node_make(S_IFLNK | 0777);
	if (!node || !(node->target = libos_allocate(length + 1))) {
		if (node)
			libos_node_release(node);
		return -ENOSPC;
	}
	libos_memcpy(node->target, target, length);
	node->size = length;
	return add_new(&walk, node);
}

long libos_sys_symlink(const char *target, const char *path)
{
	return libos_sys_symlinkat(target, AT_FDCWD, path);
}

long libos_sys_linkat(int old_directory, const char *old_path, int directory, const char *path, unsigned flags)
{
	struct libos_walk old, walk;
	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH && libos_readable_string(old_path) && !*old_path) {
		struct libos_file *file = libos_file(old_directory);
		if (!file || !(old.node = libos_opened_node(file)))
			return -EBADF;
	} else {
		long error = libos_walk_to_node(&old, old_directory, old_path, flags & AT_SYMLINK_FOLLOW);
		if (error)
			return error;
	}
	long error = walk_to_new(&walk, directory, path, false);
	if (error)
		return error;
	if (libos_is(old.node, S_IFDIR))
		return -EPERM;
	libos_node_keep(old.node);
	return add_new(&walk, old.node);
}

long libos_sys_link(const char *old_path, const char *path)
{
	return libos_sys_linkat(AT_FDCWD, old_path, AT_FDCWD, path, 0);
}

static bool ends_with_dot(const char *path)
{
	size_t length = libos_strlen(path);
	while (length && path[length - 1] == '/')
		length--;
	return length && path[length - 1] == '.' && (length == 1 || path[length - 2] == '/');
}

long libos_sys_unlinkat(int directory, const char *path, unsigned flags)
{
	struct libos_walk walk;
	bool removes_directory = flags & AT_REMOVEDIR;
	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	long error = libos_walk_to_node(&walk, directory, path, false);
	if (error)
		return error;
	if (!walk.parent) /* "/", "." and ".." */
		return !removes_directory ? -EISDIR : walk.node == libos_root() ? -EBUSY : ends_with_dot(path) ? -EINVAL : -ENOTEMPTY;
	if (removes_directory && !libos_is(walk.node, S_IFDIR))
		return -ENOTDIR;
	if (!removes_directory && libos_is(walk.node, S_IFDIR))
		return -EISDIR;
	if (libos_is_mounted(walk.node, walk.parent))
		return -EBUSY;
	struct libos_entry *entry = libos_directory_find(walk.parent, walk.name, walk.length);
	if (walk.node->backing)
		return walk.node->backing->remove(walk.parent, entry);
	if (removes_directory && walk.node->directory.count)
		return -ENOTEMPTY;
	libos_directory_remove(walk.parent, entry);
	return 0;
}

long libos_sys_unlink(const char *path)
{
	return libos_sys_unlinkat(AT_FDCWD, path, 0);
}

long libos_sys_rmdir(const char *path)
{
	return libos_sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

static bool is_within(const struct libos_node *node, const struct libos_node *directory)
{
	while (node != directory && node != node->directory.parent)
		node = node->directory.parent;
	return node == directory;
}

static long check_rename(const struct libos_walk *old, const struct libos_walk *new)
{
	bool directory = libos_is(old->node, S_IFDIR);
	if (directory && is_within(new->parent, old->node))
		return -EINVAL;
	if (!new->node)
		return new->ends_with_slash && !directory ? -ENOTDIR : new->parent->links ? 0 : -ENOENT;
	if (directory && !libos_is(new->node, S_IFDIR))
		return -ENOTDIR;
	if (!directory && libos_is(new->node, S_IFDIR))
		return -EISDIR;
	return directory && new->node->directory.count && !new->node->backing ? -ENOTEMPTY : 0;
}

/* From a directory into another, where the one or the other is not in memory. */
static long rename_elsewhere(const struct libos_walk *old, const struct libos_walk *new)
{
	if (libos_is_mounted(old->node, old->parent) || (new->node && libos_is_mounted(new->node, new->parent)))
		return -EBUSY;
	return old->parent->backing && new->parent->backing ? old->parent->backing->rename(old, new) : -EXDEV;
}

/* Both names stay, and each has what the other had. */
static long exchange(const struct libos_walk *old, const struct libos_walk *new)
{
	const struct libos_walk *both[] = {old, new};
	if (!new->node)
		return -ENOENT;
	for (int i = 0; i < 2; i++) {
		bool directory = libos_is(both[i]->node, S_IFDIR);
		if (directory && is_within(both[!i]->parent, both[i]->node))
			return -EINVAL;
		if (!directory && both[!i]->ends_with_slash)
			return -ENOTDIR;
	}
	struct libos_entry *one = libos_directory_find(old->parent, old->name, old->length);
	struct libos_entry *other = libos_directory_find(new->parent, new->name, new->length);
	one->node = new->node;
	other->node = old->node;
	for (int i = 0; i < 2; i++) {
		struct libos_node *node = both[i]->node, *from = both[i]->parent, *to = both[!i]->parent;
		if (libos_is(node, S_IFDIR)) {
			node->directory.parent = to;
			from->links--;
			to->links++;
		}
		libos_node_modified(from);
		node->changed = from->changed;
	}
	return 0;
}

long libos_sys_renameat2(int old_directory, const char *old_path, int directory, const char *path, unsigned flags)
{
	struct libos_walk old, new;
	if (flags & ~RENAME_NOREPLACE && flags != RENAME_EXCHANGE)
		return -EINVAL;
	long error = libos_walk_to_node(&old, old_directory, old_path, false);
	if (error || (error = libos_walk(&new, directory, path, false)))
		return error;
	if (!old.parent || !new.parent)
		return -EBUSY;
	if (new.node && flags & RENAME_NOREPLACE)
		return -EEXIST;
	if (new.node == old.node)
		return 0;
	bool elsewhere = old.parent->backing || new.parent->backing || old.node->backing;
	if (flags & RENAME_EXCHANGE)
		return elsewhere ? -EINVAL : exchange(&old, &new);
	if ((error = check_rename(&old, &new)))
		return error;
	if (elsewhere)
		return rename_elsewhere(&old, &new);
	libos_node_keep(old.node);
	if (new.node)
		libos_directory_remove(new.parent, libos_directory_find(new.parent, new.name, new.length));
	libos_directory_remove(old.parent, libos_directory_find(old.parent, old.name, old.length));
	error = libos_directory_add(new.parent, new.name, new.length, old.node);
	libos_node_release(old.node);
	return error;
}

long libos_sys_renameat(int old_directory, const char *old_path, int directory, const char *path)
{
	return libos_sys_renameat2(old_directory, old_path, directory, path, 0);
}

long libos_sys_rename(const char *old_path, const char *path)
{
	return libos_sys_renameat2(AT_FDCWD, old_path, AT_FDCWD, path, 0);
}
