/* The names in shared folders. */
#include "shared.h"
#include <linux/fcntl.h>

long libos_shared_find(struct libos_node *directory, const char *name, size_t length, struct libos_entry **entry)
{
	struct libos_entry *found = libos_directory_find(directory, name, length);
	struct libos_shared *shared = found ? libos_shared(found->node) : NULL;
	*entry = NULL;
	if (shared) {
		long error = libos_shared_ask(shared);
		if (!error) {
			*entry = found;
			return 0;
		}
		if (error != -ENOENT && error != -ESTALE)
			return error;
		libos_shared_forget(shared);
	}
	if (!(shared = libos_shared_make(libos_shared(directory)->share)))
		return -ENOMEM;
	long error = libos_shared_enter(directory, name, length, shared);
	if (!error)
		*entry = shared->entry;
	return error == -ENOENT ? 0 : error;
}

/* A regular file, open for reading and writing whatever its mode says: open(2). */
static long create(struct libos_node *directory, const char *name, size_t length, uint32_t mode)
{
	struct libos_shared *shared = libos_shared_make(libos_shared(directory)->share);
	if (!shared)
		return -ENOMEM;
	const uint32_t fid = libos_fid(&shared->node, LIBOS_FID_READER);
	long error = libos_shared_clone(directory, fid);
	if (error) {
		libos_shared_free(shared);
		return error;
	}
	struct libos_9p *session = libos_session(directory);
	libos_9p_about(session, LIBOS_9P_CREATE, fid);
	libos_9p_put_text(session, name, length);
	libos_9p_put(session, O_RDWR | O_CREAT | O_EXCL, 4);
	libos_9p_put(session, mode, 4);
	libos_9p_put(session, 0, 4); /* group */
	if ((error = libos_9p_ask(session))) {
		libos_shared_clunk(shared, fid);
		libos_shared_free(shared);
		return error;
	}
	shared->reader = shared->writer = fid;
	if ((error = libos_shared_enter(directory, name, length, shared)))
		libos_shared_clunk(libos_shared(directory), fid);
	return error;
}

long libos_shared_add(struct libos_node *directory, const char *name, size_t length, struct libos_node *node)
{
	struct libos_9p *session = libos_session(directory);
	if (node->backing ? libos_session(node) != session : node->links)
		return -EXDEV;
	if (node->backing) {
		libos_about(directory, LIBOS_9P_LINK);
		libos_9p_put(session, libos_fid(node, LIBOS_FID_PATH), 4);
		libos_9p_put_text(session, name, length);
		return libos_9p_ask(session);
	}
	switch (node->mode & S_IFMT) {
	case S_IFREG:
		return create(directory, name, length, node->mode & 07777);
	case S_IFDIR:
		libos_about(directory, LIBOS_9P_MAKE_DIRECTORY);
		libos_9p_put_text(session, name, length);
		libos_9p_put(session, node->mode & 07777, 4);
		break;
	case S_IFLNK:
		libos_about(directory, LIBOS_9P_SYMLINK);
		libos_9p_put_text(session, name, length);
		libos_9p_put_text(session, node->target, node->size);
		break;
	default:
		return -EPERM;
	}
	libos_9p_put(session, 0, 4); /* group */
	return libos_9p_ask(session);
}

long libos_shared_remove(struct libos_node *directory, struct libos_entry *entry)
{
	struct libos_shared *shared = libos_shared(entry->node);
	struct libos_9p *session = libos_about(directory, LIBOS_9P_UNLINK);
	libos_9p_put_text(session, entry->name, libos_strlen(entry->name));
	libos_9p_put(session, libos_is(&shared->node, S_IFDIR) ? AT_REMOVEDIR : 0, 4);
	long error = libos_9p_ask(session);
	if (!error) {
		if (shared->links)
			shared->links--; /* the host may not know it any more */
		libos_shared_forget(shared);
	}
	return error;
}

/* Who has the node in use keeps it; the host takes care of the fids (QEMU's v9fs_fix_fid_paths). */
long libos_shared_rename(const struct libos_walk *old, const struct libos_walk *new)
{
	struct libos_shared *shared = libos_shared(old->node);
	struct libos_9p *session = libos_session(old->parent);
	if (session != libos_session(new->parent))
		return -EXDEV;
	libos_about(old->parent, LIBOS_9P_RENAME);
	libos_9p_put_text(session, old->name, old->length);
	libos_9p_put(session, libos_fid(new->parent, LIBOS_FID_PATH), 4);
	libos_9p_put_text(session, new->name, new->length);
	long error = libos_9p_ask(session);
	if (error)
		return error;
	if (new->node)
		libos_shared_forget(libos_shared(new->node));
	libos_node_keep(old->node);
	if (shared->entry) {
		libos_directory_remove(shared->parent, shared->entry);
		shared->entry = NULL;
		if (!libos_directory_add(new->parent, new->name, new->length, old->node)) {
			shared->parent = new->parent;
			shared->entry = libos_directory_find(new->parent, new->name, new->length);
		}
	}
	libos_node_release(old->node);
	return 0;
}

/* As the kernel hands it over (getdents(2)). */
struct record {
	uint64_t inode;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};

static bool is_name(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!name[i] || name[i] == '/')
			return false;
	return length && length <= LIBOS_NAME_MAX;
}

long libos_shared_list(struct libos_node *directory, char *buffer, size_t size, uint64_t *offset)
{
	enum { LEAST = 512 }; /* room for one of any name */
	struct libos_9p *session = libos_session(directory);
	const size_t most = session->largest - LIBOS_9P_READ_HEADER;
	long used = 0;
	libos_9p_about(session, LIBOS_9P_READ_DIRECTORY, libos_shared(directory)->reader);
	libos_9p_put(session, *offset, 8);
	libos_9p_put(session, size < LEAST ? LEAST : size > most ? most : size, 4);
	long error = libos_9p_ask(session);
	if (error)
		return error;
	const size_t end = libos_9p_get(session, 4);
	if (end > session->end - session->next)
		return -EIO;
	for (session->end = session->next + end; session->next < session->end;) {
		size_t length;
		libos_9p_get(session, LIBOS_9P_QID - 8);
		const uint64_t inode = libos_9p_get(session, 8), next = libos_9p_get(session, 8);
		const uint8_t type = (uint8_t)libos_9p_get(session, 1);
		const char *name = libos_9p_get_text(session, &length);
		if (!name || !is_name(name, length))
			return -EIO;
		const size_t whole = (offsetof(struct record, name) + length + 1 + 7) & -8ul;
		if (size - (size_t)used < whole)
			return used ? used : -EINVAL;
		struct record *record = (struct record *)(buffer + used);
		libos_memset(record, 0, whole);
		record->inode = inode;
		record->next = (int64_t)next;
		record->size = (uint16_t)whole;
		record->type = type;
		libos_memcpy(record->name, name, length);
		used += (long)whole;
		*offset = next;
	}
	return used;
}
