/* open(2). */
#include "node.h"
#include <linux/fcntl.h>

static long create(const struct libos_walk *walk, uint32_t mode, struct libos_node **node)
{
	if (walk->ends_with_slash)
		return -EISDIR;
	if (!walk->parent->links)
		return -ENOENT;
	struct libos_node *made = libos_node_make(S_IFREG | (mode & ~libos_umask & 07777));
	if (!made)
		return -ENOSPC;
	long error = libos_name_add(walk->parent, walk->name, walk->length, made);
	if (!error) {
		*node = libos_directory_find(walk->parent, walk->name, walk->length)->node;
		libos_node_keep(*node);
	}
	libos_node_release(made);
	return error;
}

static long check(const struct libos_node *node, unsigned flags)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY;
	if (flags & O_DIRECTORY && !libos_is(node, S_IFDIR))
		return -ENOTDIR;
	if (flags & O_PATH)
		return 0;
	if (libos_is(node, S_IFLNK))
		return -ELOOP;
	if (libos_is(node, S_IFSOCK))
		return -ENXIO;
	if (libos_is(node, S_IFDIR) && (writes || flags & O_CREAT))
		return -EISDIR;
	if (node->generator && writes && !node->generator->write)
		return -EACCES;
	return 0;
}

/* O_TMPFILE: a file without a name. */
static long open_unnamed(int directory, const char *path, unsigned flags, uint32_t mode, struct libos_file **file)
{
	struct libos_walk walk;
	long error = libos_walk_to_node(&walk, directory, path, true);
	if (error)
		return error;
	if (!libos_is(walk.node, S_IFDIR))
		return -ENOTDIR;
	if ((flags & O_ACCMODE) == O_RDONLY)
		return -EINVAL;
	if (walk.node->backing)
		return -EOPNOTSUPP;
	struct libos_node *node = libos_node_make(S_IFREG | (mode & ~libos_umask & 07777));
	if (!node)
		return -ENOSPC;
	error = libos_open_node(node, NULL, flags & ~(unsigned)O_DIRECTORY, file);
	libos_node_release(node);
	return error;
}

static long open_path(int directory, const char *path, unsigned flags, uint32_t mode, struct libos_file **file)
{
	struct libos_walk walk;
	bool exclusive = flags & O_CREAT && flags & O_EXCL;
	long error = libos_walk(&walk, directory, path, !(flags & O_NOFOLLOW) && !exclusive);
	if (error)
		return error;
	struct libos_node *node = walk.node;
	bool made = !node;
	if (node && exclusive)
		return -EEXIST;
	if (!node && !(flags & O_CREAT))
		return -ENOENT;
	if (!node && (error = create(&walk, mode, &node)))
		return error;
	if (!made && (error = check(node, flags)))
		return error;
	if (flags & O_TRUNC && !(flags & O_PATH) && libos_is(node, S_IFREG) && !node->generator && !made &&
	    (error = libos_node_change(node, &(struct libos_change){.fields = LIBOS_CHANGE_SIZE})))
		return error;
	error = libos_open_node(node, walk.parent, flags, file);
	if (made)
		libos_node_release(node);
	return error;
}

/* memfd_create(2): a file without a name, too. */
long libos_sys_memfd_create(const char *name, unsigned flags)
{
	enum { MFD_CLOEXEC = 1, MFD_ALLOW_SEALING = 2, MFD_NOEXEC_SEAL = 8, MFD_EXEC = 16 };
	struct libos_file *file;
	if (flags & ~(unsigned)(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC))
		return -EINVAL;
	if (!libos_readable_string(name))
		return -EFAULT;
	struct libos_node *node = libos_node_make(S_IFREG | 0777);
	if (!node)
		return -ENOMEM;
	long error = libos_open_node(node, NULL, O_RDWR, &file);
	libos_node_release(node);
	return error ? error : libos_descriptor_add(file, flags & MFD_CLOEXEC);
}

long libos_sys_openat(int directory, const char *path, unsigned flags, uint32_t mode)
{
	enum { TEMPORARY = O_TMPFILE & ~O_DIRECTORY };
	struct libos_file *file;
	long error = (flags & TEMPORARY ? open_unnamed : open_path)(directory, path, flags, mode, &file);
	return error ? error : libos_descriptor_add(file, flags & O_CLOEXEC);
}

long libos_sys_open(const char *path, unsigned flags, uint32_t mode)
{
	return libos_sys_openat(AT_FDCWD, path, flags, mode);
}

long libos_sys_creat(const char *path, uint32_t mode)
{
	return libos_sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
