/* From paths to nodes. */
#include "node.h"
#include <linux/fcntl.h>

enum { MOST_LINKS = 40 };
struct libos_node *libos_working_directory;

static long walk_from(struct libos_walk *walk, struct libos_node *node, const char *path, bool follow);

/* A symbolic link's own path; the names in it are the node's, which lives as long as the walk. */
static long follow_link(struct libos_walk *walk, struct libos_node *directory, const struct libos_node *link)
{
	if (++walk->links > MOST_LINKS)
		return -ELOOP;
	return walk_from(walk, directory, link->target, true);
}

/* The node of a name; null: there is none. */
static long find(struct libos_node *directory, const char *name, size_t length, struct libos_node **node)
{
	struct libos_entry *entry = NULL;
	long error = 0;
	if (directory->backing)
		error = directory->backing->find(directory, name, length, &entry);
	else {
		if (directory->directory.refresh)
			directory->directory.refresh(directory);
		entry = libos_directory_find(directory, name, length);
	}
	*node = entry ? entry->node : NULL;
	return error;
}

static size_t name_length(const char *path)
{
	size_t length = 0;
	while (path[length] && path[length] != '/')
		length++;
	return length;
}

static const char *skip_slashes(const char *path)
{
	while (*path == '/')
		path++;
	return path;
}

static long walk_from(struct libos_walk *walk, struct libos_node *node, const char *path, bool follow)
{
	if (*path == '/')
		node = libos_root();
	if (!node)
		return -ENOMEM;
	walk->parent = NULL;
	for (path = skip_slashes(path); *path;) {
		const char *name = path;
		size_t length = name_length(path);
		if (length > LIBOS_NAME_MAX)
			return -ENAMETOOLONG;
		if (!libos_is(node, S_IFDIR))
			return -ENOTDIR;
		path = skip_slashes(name + length);
		bool slash = name[length] == '/';
		walk->parent = NULL;
		if (length == 1 && name[0] == '.')
			continue;
		if (length == 2 && name[0] == '.' && name[1] == '.') {
			node = node->directory.parent;
			continue;
		}
		struct libos_node *child;
		long failed = find(node, name, length, &child);
		if (failed || (!child && *path))
			return failed ? failed : -ENOENT;
		if (child && libos_is(child, S_IFLNK) && (slash || follow)) {
			long error = follow_link(walk, node, child);
			if (error)
				return error;
			if (*path && !walk->node)
				return -ENOENT;
			if (!*path) {
				walk->ends_with_slash |= slash;
				return slash && walk->node && !libos_is(walk->node, S_IFDIR) ? -ENOTDIR : 0;
			}
			node = walk->node;
			continue;
		}
		if (!*path) {
			*walk = (struct libos_walk){child, node, name, length, slash, walk->links};
			return slash && child && !libos_is(child, S_IFDIR) ? -ENOTDIR : 0;
		}
		node = child;
	}
	walk->node = node;
	return 0;
}

long libos_walk(struct libos_walk *walk, int directory, const char *path, bool follow)
{
	if (!libos_readable_string(path))
		return -EFAULT;
	if (libos_strlen(path) >= LIBOS_PATH_MAX)
		return -ENAMETOOLONG;
	if (!*path)
		return -ENOENT;
	if (!libos_root())
		return -ENOMEM;
	*walk = (struct libos_walk){0};
	struct libos_node *start = libos_working_directory ? libos_working_directory : libos_root();
	if (directory != AT_FDCWD && *path != '/') {
		struct libos_file *file = libos_file(directory);
		if (!file)
			return -EBADF;
		start = libos_opened_node(file);
		if (!start || !libos_is(start, S_IFDIR))
			return -ENOTDIR;
	}
	return walk_from(walk, start, path, follow);
}

long libos_walk_own(struct libos_walk *walk, const char *path, bool follow)
{
	*walk = (struct libos_walk){0};
	return walk_from(walk, libos_working_directory ? libos_working_directory : libos_root(), path, follow);
}

long libos_walk_to_node(struct libos_walk *walk, int directory, const char *path, bool follow)
{
	long error = libos_walk(walk, directory, path, follow);
	return !error && !walk->node ? -ENOENT : error;
}

static const char *name_in(const struct libos_node *parent, const struct libos_node *node)
{
	for (const struct libos_entry *entry = parent->directory.first; entry; entry = entry->next)
		if (entry->node == node)
			return entry->name;
	return NULL;
}

char *libos_path_of(struct libos_node *node, struct libos_node *parent, char *buffer, size_t size)
{
	char *start = buffer + size - 1;
	*start = 0;
	while (node != libos_root()) {
		if (libos_is(node, S_IFDIR))
			parent = node->directory.parent;
		const char *name = parent ? name_in(parent, node) : NULL;
		size_t length = name ? libos_strlen(name) : 0;
		if (!name || length + 1 > (size_t)(start - buffer))
			return NULL;
		start -= length + 1;
		*start = '/';
		libos_memcpy(start + 1, name, length);
		node = parent;
	}
	if (!*start)
		*--start = '/';
	return start;
}
