/* What is known of a shared file besides its content and names. */
#include "shared.h"
#include <asm/stat.h>
#include <asm/statfs.h>

enum { GET_BASIC = 0x7ff };
enum { SET_MODE = 1, SET_OWNER = 2, SET_GROUP = 4, SET_SIZE = 8, SET_ACCESSED = 16 | 128, SET_MODIFIED = 32 | 256 };
static const uint64_t second = 1000000000;

static uint64_t get_time(struct libos_9p *session)
{
	uint64_t seconds = libos_9p_get(session, 8), nanoseconds = libos_9p_get(session, 8);
	return seconds * second + nanoseconds;
}

long libos_shared_ask(struct libos_shared *shared)
{
	struct libos_node *node = &shared->node;
	struct libos_9p *session = libos_about(node, LIBOS_9P_GET_ATTRIBUTES);
	libos_9p_put(session, GET_BASIC, 8);
	long error = libos_9p_ask(session);
	if (error)
		return error;
	libos_9p_get(session, 8); /* which are valid: all that were asked for */
	libos_9p_get(session, LIBOS_9P_QID - 8);
	const uint64_t inode = libos_9p_get(session, 8);
	const uint32_t mode = (uint32_t)libos_9p_get(session, 4);
	const uint32_t owner = (uint32_t)libos_9p_get(session, 4), group = (uint32_t)libos_9p_get(session, 4);
	const uint64_t links = libos_9p_get(session, 8), device = libos_9p_get(session, 8), size = libos_9p_get(session, 8);
	libos_9p_get(session, 8); /* the size of blocks */
	const uint64_t blocks = libos_9p_get(session, 8);
	const uint64_t accessed = get_time(session), modified = get_time(session), changed = get_time(session);
	if (session->damaged || size > INT64_MAX || !(mode & S_IFMT))
		return -EIO;
	const bool known = node->mode;
	if (known && (node->inode != inode || (node->mode ^ mode) & S_IFMT || (libos_is(node, S_IFLNK) && node->changed != changed)))
		return -ESTALE;
	node->inode = inode;
	node->mode = mode;
	node->owner = owner;
	node->group = group;
	node->device_number = device;
	node->accessed = accessed;
	node->modified = modified;
	node->changed = changed;
	if (known)
		libos_shared_cut(shared, size);
	if (!libos_is(node, S_IFLNK))
		node->size = size;
	shared->links = links;
	shared->blocks = blocks;
	shared->seen = session->asked;
	return 0;
}

/* Of a file that is open and has no name any more the host knows nothing: what was known stays. */
void libos_shared_refresh(struct libos_node *node)
{
	struct libos_shared *shared = libos_shared(node);
	if (shared->seen != shared->share->session.asked)
		libos_shared_ask(shared);
}

void libos_shared_status(const struct libos_node *node, struct stat *status)
{
	const struct libos_shared *shared = (const struct libos_shared *)node;
	enum { FIRST_DEVICE = 2 };
	status->st_dev = FIRST_DEVICE + shared->share->number;
	status->st_nlink = shared->links;
	status->st_blocks = (long)shared->blocks;
}

long libos_shared_change(struct libos_node *node, const struct libos_change *change)
{
	static const unsigned fields[] = {SET_MODE, SET_OWNER, SET_GROUP, SET_SIZE, SET_ACCESSED, SET_MODIFIED};
	struct libos_shared *shared = libos_shared(node);
	unsigned valid = 0;
	long error = change->fields & LIBOS_CHANGE_SIZE ? libos_shared_write_back(shared) : 0;
	if (error)
		return error;
	for (unsigned i = 0; i < sizeof fields / sizeof *fields; i++)
		valid |= change->fields & 1u << i ? fields[i] : 0;
	struct libos_9p *session = libos_about(node, LIBOS_9P_SET_ATTRIBUTES);
	libos_9p_put(session, valid, 4);
	libos_9p_put(session, change->mode & 07777, 4);
	libos_9p_put(session, change->owner, 4);
	libos_9p_put(session, change->group, 4);
	libos_9p_put(session, change->size, 8);
	libos_9p_put(session, change->accessed / second, 8);
	libos_9p_put(session, change->accessed % second, 8);
	libos_9p_put(session, change->modified / second, 8);
	libos_9p_put(session, change->modified % second, 8);
	error = libos_9p_ask(session);
	if (!error && change->fields & LIBOS_CHANGE_SIZE) {
		libos_shared_cut(shared, change->size);
		node->size = change->size;
	}
	return error;
}

long libos_shared_space(struct libos_node *node, struct statfs *space)
{
	enum { MAGIC = 0x01021997 }; /* V9FS_MAGIC */
	struct libos_9p *session = libos_about(node, LIBOS_9P_STATFS);
	long error = libos_9p_ask(session);
	if (error)
		return error;
	libos_9p_get(session, 4); /* the host's own type */
	*space = (struct statfs){.f_type = MAGIC, .f_bsize = (long)libos_9p_get(session, 4)};
	space->f_frsize = space->f_bsize;
	space->f_blocks = (long)libos_9p_get(session, 8);
	space->f_bfree = (long)libos_9p_get(session, 8);
	space->f_bavail = (long)libos_9p_get(session, 8);
	space->f_files = (long)libos_9p_get(session, 8);
	space->f_ffree = (long)libos_9p_get(session, 8);
	libos_9p_get(session, 8); /* an identifier */
	space->f_namelen = (long)libos_9p_get(session, 4);
	return session->damaged ? -EIO : 0;
}
