/* The nodes of shared folders: made as paths are walked, and forgotten when they are many. */
#include "shared.h"
#include "thread.h"
#include <linux/fcntl.h>

enum { MOST = 1024 }; /* that are kept although nobody has them */

struct libos_shared *libos_newest_shared;
static size_t count;

static void idle(struct libos_node *node);

const struct libos_backing libos_share_backing = {
	.find = libos_shared_find,
	.add = libos_shared_add,
	.remove = libos_shared_remove,
	.rename = libos_shared_rename,
	.list = libos_shared_list,
	.open = libos_shared_open,
	.idle = idle,
	.refresh = libos_shared_refresh,
	.status = libos_shared_status,
	.change = libos_shared_change,
	.read = libos_shared_read,
	.write = libos_shared_write,
	.synchronise = libos_shared_synchronise,
	.space = libos_shared_space,
	.page = libos_shared_page,
};

struct libos_shared *libos_shared_make(struct libos_share *share)
{
	struct libos_shared *shared = libos_allocate(sizeof *shared);
	if (!shared)
		return NULL;
	shared->node.backing = &libos_share_backing;
	shared->share = share;
	shared->older = libos_newest_shared;
	if (shared->older)
		shared->older->newer = shared;
	libos_newest_shared = shared;
	if (++count > MOST)
		libos_attention |= LIBOS_TRIM_SHARES;
	return shared;
}

void libos_shared_clunk(struct libos_shared *shared, uint32_t fid)
{
	struct libos_9p *session = &shared->share->session;
	libos_9p_about(session, LIBOS_9P_CLUNK, fid);
	libos_9p_ask(session); /* the fid is gone whatever the answer */
}

/* Of a node that nobody has and that has no name, and whose path fid the host does not have. */
void libos_shared_free(struct libos_shared *shared)
{
	if (shared->newer)
		shared->newer->older = shared->older;
	else
		libos_newest_shared = shared->older;
	if (shared->older)
		shared->older->newer = shared->newer;
	count--;
	shared->node.backing = NULL;
	shared->node.links = 0;
	shared->node.references = 1;
	libos_node_release(&shared->node);
}

long libos_shared_clone(struct libos_node *node, uint32_t fid)
{
	struct libos_9p *session = libos_about(node, LIBOS_9P_WALK);
	libos_9p_put(session, fid, 4);
	libos_9p_put(session, 0, 2);
	return libos_9p_ask(session);
}

static long read_link(struct libos_shared *shared)
{
	size_t length;
	struct libos_9p *session = libos_about(&shared->node, LIBOS_9P_READLINK);
	long error = libos_9p_ask(session);
	if (error)
		return error;
	const char *target = libos_9p_get_text(session, &length);
	if (!target || !length || length >= LIBOS_PATH_MAX)
		return -EIO;
	if (!(shared->node.target = libos_allocate(length + 1)))
		return -ENOMEM;
	libos_memcpy(shared->node.target, target, length);
	if (libos_strlen(shared->node.target) != length)
		return -EIO;
	shared->node.size = length;
	return 0;
}

long libos_shared_enter(struct libos_node *directory, const char *name, size_t length, struct libos_shared *shared)
{
	struct libos_node *node = &shared->node;
	struct libos_9p *session = libos_about(directory, LIBOS_9P_WALK);
	libos_9p_put(session, libos_fid(node, LIBOS_FID_PATH), 4);
	libos_9p_put(session, 1, 2);
	libos_9p_put_text(session, name, length);
	long error = libos_9p_ask(session);
	if (!error && libos_9p_get(session, 2) != 1)
		error = -EIO;
	if (error) {
		libos_shared_free(shared);
		return error;
	}
	error = libos_shared_ask(shared);
	if (!error && libos_is(node, S_IFLNK))
		error = read_link(shared);
	if (!error)
		error = libos_directory_add(directory, name, length, node);
	if (error) {
		libos_shared_clunk(shared, libos_fid(node, LIBOS_FID_PATH));
		libos_shared_free(shared);
		return error;
	}
	shared->parent = directory;
	shared->entry = libos_directory_find(directory, name, length);
	return 0;
}

static void detach(struct libos_shared *shared)
{
	struct libos_entry *entry = shared->entry;
	shared->entry = NULL;
	libos_directory_remove(shared->parent, entry);
}

static bool has_children(const struct libos_shared *shared)
{
	return libos_is(&shared->node, S_IFDIR) && shared->node.directory.first;
}

void libos_shared_forget(struct libos_shared *shared)
{
	struct libos_shared *next = shared;
	for (bool last = false; !last;) {
		while (has_children(next))
			next = libos_shared(next->node.directory.first->node);
		struct libos_shared *parent = libos_shared(next->parent);
		last = next == shared;
		detach(next);
		next = parent;
	}
}

/* Nobody has it: nothing of it stays open. Without a name it goes as soon as no call looks at it. */
static void idle(struct libos_node *node)
{
	struct libos_shared *shared = libos_shared(node);
	libos_shared_write_back(shared);
	libos_shared_cut(shared, 0);
	if (shared->reader)
		libos_shared_clunk(shared, shared->reader);
	if (shared->writer && shared->writer != shared->reader)
		libos_shared_clunk(shared, shared->writer);
	shared->reader = shared->writer = 0;
	if (node->links)
		return;
	node->links = 1;
	shared->gone = true;
	libos_attention |= LIBOS_TRIM_SHARES;
}

/* From the newest on, so that what is in a directory goes before it. */
void libos_shares_trim(void)
{
	const bool many = count > MOST;
	libos_shared_make_room();
	for (struct libos_shared *shared = libos_newest_shared, *older; shared; shared = older) {
		older = shared->older;
		if (many && shared->entry && !shared->node.references && !has_children(shared))
			detach(shared);
		if (shared->gone) {
			libos_shared_clunk(shared, libos_fid(&shared->node, LIBOS_FID_PATH));
			libos_shared_free(shared);
		}
	}
}
