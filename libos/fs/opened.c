/* The file of an open node. */
#include "node.h"
#include <asm/ioctls.h>
#include <linux/fcntl.h>
#include <linux/fs.h>

struct opened {
	struct libos_file file;
	struct libos_node *node, *parent;
	struct libos_text text; /* of a generator */
};

static struct libos_node *node_of(struct libos_file *file)
{
	return ((struct opened *)file)->node;
}

static uint64_t size_of(struct libos_node *node)
{
	if (node->backing)
		node->backing->refresh(node);
	return node->size;
}

static long read_node(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	struct opened *opened = (struct opened *)file;
	struct libos_node *node = opened->node;
	long done;
	if (libos_is(node, S_IFDIR))
		return -EISDIR;
	if (node->device)
		return node->device->read(buffer, size);
	if (node->generator) {
		uint64_t left = *offset < opened->text.size ? opened->text.size - *offset : 0;
		done = (long)(size < left ? size : left);
		libos_memcpy(buffer, opened->text.bytes + (done ? *offset : 0), (size_t)done);
	} else if (node->backing) {
		done = node->backing->read(node, buffer, size, *offset);
		if (done < 0)
			return done;
	} else {
		done = libos_data_read(node, buffer, size, *offset);
		if (node->accessed <= node->modified && done > 0)
			node->accessed = libos_realtime();
	}
	*offset += (uint64_t)done;
	return done;
}

static long write_node(struct libos_file *file, const void *buffer, size_t size, uint64_t *offset)
{
	struct libos_node *node = node_of(file);
	if (node->device)
		return node->device->write(buffer, size);
	if (node->generator)
		return node->generator->write ? node->generator->write(buffer, size) : -EINVAL;
	if (file->flags & O_APPEND)
		*offset = size_of(node);
	long done = node->backing ? node->backing->write(node, buffer, size, *offset) : libos_data_write(node, buffer, size, *offset);
	if (done > 0)
		*offset += (uint64_t)done;
	return done;
}

static const struct libos_file_kind regular;

static long seek_node(struct libos_file *file, int64_t offset, unsigned whence)
{
	struct libos_node *node = node_of(file);
	if (node->device)
		return 0;
	int64_t size = (int64_t)(whence == SEEK_SET || whence == SEEK_CUR ? 0 : size_of(node));
	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		if (offset > 0 && offset > INT64_MAX - (int64_t)file->offset)
			return -EOVERFLOW;
		offset += (int64_t)file->offset;
		break;
	case SEEK_END:
		offset += size;
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		if (offset < 0 || offset >= size)
			return -ENXIO;
		if (file->kind == &regular && !node->backing)
			offset = libos_data_seek(node, (uint64_t)offset, whence == SEEK_HOLE);
		else if (whence == SEEK_HOLE) /* all is data, as lseek(2) allows */
			offset = size;
		if (offset < 0)
			return offset;
		break;
	default:
		return -EINVAL;
	}
	if (offset < 0)
		return -EINVAL;
	file->offset = (uint64_t)offset;
	return offset;
}

static long node_status(struct libos_file *file, struct stat *status)
{
	libos_node_status(node_of(file), status);
	return 0;
}

static long control_regular(struct libos_file *file, unsigned request, void *argument)
{
	if (request != FIONREAD)
		return -ENOTTY;
	if (!libos_writable(argument, sizeof(int)))
		return -EFAULT;
	*(int *)argument = (int)(size_of(node_of(file)) - file->offset);
	return 0;
}

static void close_node(struct libos_file *file)
{
	struct opened *opened = (struct opened *)file;
	libos_free(opened->text.bytes);
	libos_node_release(opened->node);
	if (opened->parent)
		libos_node_release(opened->parent);
	libos_free(opened);
}

/* Regular files can be mapped; directories, devices and what is made when it is read cannot. */
static const struct libos_file_kind regular = {
	.read = read_node, .write = write_node, .seek = seek_node, .control = control_regular, .status = node_status, .map = libos_node_map, .close = close_node};
static const struct libos_file_kind other = {
	.read = read_node, .write = write_node, .seek = seek_node, .status = node_status, .close = close_node};
static const struct libos_file_kind zeros = {
	.read = read_node, .write = write_node, .seek = seek_node, .status = node_status, .close = close_node, .zeros = true};

static const struct libos_file_kind *kind_of(const struct libos_node *node)
{
	if (node->device && node->device->zeros)
		return &zeros;
	return libos_is(node, S_IFREG) && !node->generator ? &regular : &other;
}

static bool is_opened(const struct libos_file *file)
{
	return file->kind == &regular || file->kind == &other || file->kind == &zeros;
}

struct libos_node *libos_opened_node(struct libos_file *file)
{
	return is_opened(file) ? node_of(file) : NULL;
}

struct libos_node *libos_opened_parent(struct libos_file *file)
{
	return is_opened(file) ? ((struct opened *)file)->parent : NULL;
}

long libos_open_node(struct libos_node *node, struct libos_node *parent, unsigned flags, struct libos_file **file)
{
	enum { KEPT = O_ACCMODE | O_APPEND | O_NONBLOCK | O_DSYNC | FASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_PATH };
	if (flags & O_PATH) /* nothing else is heard: it is not open for reading, nor for writing */
		flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW;
	if (node->device && node->device->open && !(flags & O_PATH))
		return node->device->open(node, flags, file);
	struct opened *opened = libos_allocate(sizeof *opened);
	if (!opened)
		return -ENOMEM;
	long error = node->backing && !(flags & O_PATH) ? node->backing->open(node, flags) : 0;
	if (error) {
		libos_free(opened);
		return error;
	}
	opened->file = (struct libos_file){.kind = kind_of(node), .references = 1, .flags = flags & KEPT};
	opened->node = node;
	opened->parent = parent;
	libos_node_keep(node);
	if (parent)
		libos_node_keep(parent);
	if (node->generator)
		node->generator->text(&opened->text, node);
	*file = &opened->file;
	return 0;
}
