/* Nodes: what a file is, whatever its names are. */
#include "node.h"
#include <asm/stat.h>

uint32_t libos_umask = 022;

struct libos_node *libos_node_make(uint32_t mode)
{
	static uint64_t last_inode = 1;
	struct libos_node *node = libos_allocate(sizeof *node);
	if (!node)
		return NULL;
	node->inode = ++last_inode;
	node->mode = mode;
	node->references = 1;
	node->accessed = node->modified = node->changed = libos_realtime();
	return node;
}

void libos_node_keep(struct libos_node *node)
{
	node->references++;
}

void libos_node_release(struct libos_node *node)
{
	if (--node->references)
		return;
	if (node->backing)
		node->backing->idle(node);
	if (node->links)
		return;
	if (libos_is(node, S_IFREG)) {
		node->data.mapped = false; /* a mapping keeps its file */
		libos_data_resize(node, 0);
	} else if (libos_is(node, S_IFDIR))
		libos_free(node->directory.buckets);
	else if (libos_is(node, S_IFLNK))
		libos_free(node->target);
	libos_free(node);
}

void libos_node_modified(struct libos_node *node)
{
	node->modified = node->changed = libos_realtime();
}

long libos_node_change(struct libos_node *node, const struct libos_change *change)
{
	enum { MODES = 07777 };
	if (node->backing)
		return node->backing->change(node, change);
	if (change->fields & LIBOS_CHANGE_MODE)
		node->mode = (node->mode & ~(uint32_t)MODES) | (change->mode & MODES);
	if (change->fields & LIBOS_CHANGE_OWNER)
		node->owner = change->owner;
	if (change->fields & LIBOS_CHANGE_GROUP)
		node->group = change->group;
	node->changed = libos_realtime();
	if (change->fields & LIBOS_CHANGE_SIZE) {
		libos_data_resize(node, change->size);
		node->modified = node->changed;
	}
	if (change->fields & LIBOS_CHANGE_ACCESSED)
		node->accessed = change->accessed;
	if (change->fields & LIBOS_CHANGE_MODIFIED)
		node->modified = change->modified;
	return 0;
}

void libos_node_status(struct libos_node *node, struct stat *status)
{
	const uint64_t second = 1000000000;
	enum { BLOCK = 512 };
	if (node->backing)
		node->backing->refresh(node);
	*status = (struct stat){
		.st_dev = 1,
		.st_ino = node->inode,
		.st_mode = node->mode,
		.st_nlink = node->links,
		.st_uid = node->owner,
		.st_gid = node->group,
		.st_rdev = node->device_number,
		.st_size = (long)node->size,
		.st_blksize = LIBOS_PAGE_SIZE,
		.st_blocks = (long)((node->size + BLOCK - 1) / BLOCK),
	};
	if (node->backing)
		node->backing->status(node, status);
	else if (libos_is(node, S_IFREG))
		status->st_blocks = (long)(libos_data_pages(node) * (LIBOS_PAGE_SIZE / BLOCK));
	status->st_atime = (long)(node->accessed / second);
	status->st_atime_nsec = (long)(node->accessed % second);
	status->st_mtime = (long)(node->modified / second);
	status->st_mtime_nsec = (long)(node->modified % second);
	status->st_ctime = (long)(node->changed / second);
	status->st_ctime_nsec = (long)(node->changed % second);
}
