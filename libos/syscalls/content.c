/* The size of a file, and its content without reads and writes: truncate(2), fallocate(2), fsync(2), sync(2). */
#include "node.h"
#include "share.h"
#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <linux/fcntl.h>

static long resize(struct libos_node *node, int64_t size)
{
	if (!libos_is(node, S_IFREG) || node->generator || size < 0)
		return libos_is(node, S_IFDIR) ? -EISDIR : -EINVAL;
	if ((uint64_t)size > LIBOS_FILE_MAX)
		return -EFBIG;
	return libos_node_change(node, &(struct libos_change){.fields = LIBOS_CHANGE_SIZE, .size = (uint64_t)size});
}

/* The node of a descriptor that is open for writing. */
static long find(int descriptor, struct libos_node **node)
{
	struct libos_file *file = libos_file(descriptor);
	*node = file ? libos_opened_node(file) : NULL;
	if (!file || file->flags & O_PATH) {
		*node = NULL;
		return -EBADF;
	}
	if (!*node || (file->flags & O_ACCMODE) == O_RDONLY)
		return *node ? -EBADF : -EINVAL;
	return 0;
}

long libos_sys_truncate(const char *path, int64_t size)
{
	struct libos_walk walk;
	long error = libos_walk_to_node(&walk, AT_FDCWD, path, true);
	return error ? error : resize(walk.node, size);
}

long libos_sys_ftruncate(int descriptor, int64_t size)
{
	struct libos_node *node;
	long error = find(descriptor, &node);
	return error == -EBADF && node ? -EINVAL : error ? error : resize(node, size);
}

long libos_sys_fallocate(int descriptor, unsigned mode, int64_t offset, int64_t size)
{
	struct libos_node *node;
	long error = find(descriptor, &node);
	if (error)
		return error == -EINVAL ? -ENODEV : error;
	if (offset < 0 || size <= 0)
		return -EINVAL;
	if (node->backing) /* as Linux's 9p */
		return -EOPNOTSUPP;
	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE) || !libos_is(node, S_IFREG))
		return -EOPNOTSUPP;
	if ((uint64_t)offset + (uint64_t)size > LIBOS_FILE_MAX)
		return -EFBIG;
	uint64_t end = (uint64_t)offset + (uint64_t)size;
	if (!mode && end > node->size && (end - node->size) / LIBOS_PAGE_SIZE > libos_pages_free)
		return -ENOSPC;
	if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		libos_data_punch(node, (uint64_t)offset, end < node->size ? end : node->size);
	if (!(mode & FALLOC_FL_KEEP_SIZE) && end > node->size)
		node->size = end;
	libos_node_modified(node);
	return 0;
}

/* Memory is all there is to write to, but for a backing. */
static long synchronise(int descriptor, bool data_only)
{
	struct libos_file *file = libos_file(descriptor);
	struct libos_node *node = file ? libos_opened_node(file) : NULL;
	if (!file || file->flags & O_PATH)
		return -EBADF;
	if (!node)
		return -EINVAL;
	return node->backing ? node->backing->synchronise(node, data_only) : 0;
}

long libos_sys_fsync(int descriptor)
{
	return synchronise(descriptor, false);
}
long libos_sys_fdatasync(int descriptor)
{
	return synchronise(descriptor, true);
}
long libos_sys_sync(void)
{
	if (libos_shares_write_all_back)
		libos_shares_write_all_back();
	return 0;
}
long libos_sys_syncfs(int descriptor)
{
	return libos_file(descriptor) ? libos_sys_sync() : -EBADF;
}
long libos_sys_fadvise64(int descriptor, int64_t offset, int64_t size, int advice)
{
	(void)offset, (void)size;
	if (!libos_file(descriptor))
		return -EBADF;
	return advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE ? -EINVAL : 0;
}
