/* Where a program is, and what is in a directory: chdir(2), getcwd(2), getdents(2). */
#include "node.h"
#include <linux/fcntl.h>

static long change_to(struct libos_node *node)
{
	if (!libos_is(node, S_IFDIR))
		return -ENOTDIR;
	libos_node_keep(node);
	if (libos_working_directory)
		libos_node_release(libos_working_directory);
	libos_working_directory = node;
	return 0;
}

long libos_sys_chdir(const char *path)
{
	struct libos_walk walk;
	long error = libos_walk_to_node(&walk, AT_FDCWD, path, true);
	return error ? error : change_to(walk.node);
}

long libos_sys_fchdir(int descriptor)
{
	struct libos_file *file = libos_file(descriptor);
	struct libos_node *node = file ? libos_opened_node(file) : NULL;
	return !file ? -EBADF : node ? change_to(node) : -ENOTDIR;
}

long libos_sys_getcwd(char *buffer, size_t size)
{
	struct libos_node *root = libos_root();
	char *path = root ? libos_allocate(LIBOS_PATH_MAX) : NULL;
	if (!path)
		return -ENOMEM;
	const char *start = libos_path_of(libos_working_directory ? libos_working_directory : root, NULL, path, LIBOS_PATH_MAX);
	size_t length = start ? libos_strlen(start) + 1 : 0;
	long result = !start ? -ENOENT : length > size ? -ERANGE : !libos_writable(buffer, length) ? -EFAULT : (long)length;
	if (result > 0)
		libos_memcpy(buffer, start, length);
	libos_free(path);
	return result;
}

/* As the kernel hands it over (getdents(2)). */
struct record {
	uint64_t inode;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};

/* Whether there was room. */
static bool add_record(char *buffer, size_t size, long *used, const char *name, const struct libos_node *node, uint64_t next)
{
	size_t length = libos_strlen(name), whole = (offsetof(struct record, name) + length + 1 + 7) & -8ul;
	if (size - (size_t)*used < whole)
		return false;
	struct record *record = (struct record *)(buffer + *used);
	record->inode = node->inode;
	record->next = (int64_t)next;
	record->size = (uint16_t)whole;
	record->type = (uint8_t)(node->mode >> 12);
	libos_memcpy(record->name, name, length + 1);
	*used += (long)whole;
	return true;
}

/* An offset is the position of the last entry that was given, plus 2 for "." and "..". */
long libos_sys_getdents64(int descriptor, char *buffer, size_t size)
{
	enum { DOTS = 2 };
	struct libos_file *file = libos_file(descriptor);
	struct libos_node *node = file ? libos_opened_node(file) : NULL;
	long used = 0;
	if (!file)
		return -EBADF;
	if (!node || !libos_is(node, S_IFDIR))
		return -ENOTDIR;
	if (file->flags & O_PATH)
		return -EBADF;
	if (!node->links)
		return -ENOENT;
	size &= UINT32_MAX;
	if (!libos_writable(buffer, size))
		return -EFAULT;
	if (node->backing)
		return node->backing->list(node, buffer, size, &file->offset);
	if (node->directory.refresh && !file->offset)
		node->directory.refresh(node);
	if (file->offset == 0 && add_record(buffer, size, &used, ".", node, 1))
		file->offset = 1;
	if (file->offset == 1 && add_record(buffer, size, &used, "..", node->directory.parent, DOTS))
		file->offset = DOTS;
	if (file->offset < DOTS)
		return used ? used : -EINVAL;
	const struct libos_entry *entry = node->directory.first;
	while (entry && entry->position + DOTS <= file->offset)
		entry = entry->next;
	const struct libos_entry *first = entry;
	for (; entry && add_record(buffer, size, &used, entry->name, entry->node, entry->position + DOTS); entry = entry->next)
		file->offset = entry->position + DOTS;
	return used || !first ? used : -EINVAL;
}
