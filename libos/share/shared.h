/* A folder of the host in the file system: what its parts have in common. */
#ifndef LIBOS_SHARED_H
#define LIBOS_SHARED_H
#include "message.h"
#include "node.h"
#include "share.h"

enum { LIBOS_SHARE_TAG = 255 }; /* the longest */
struct libos_share {
	struct libos_9p session;
	unsigned number; /* from 0 on */
	struct libos_share *next;
	char path[LIBOS_SHARE_TAG + 1]; /* the device's tag, and where it is mounted */
};

/*
 * A node of a share. Its fid stands for its path on the host. It is in its directory as one of memory is, but only so that those who have
 * it in use find the same one: each walk asks the host whether it is still there.
 */
struct libos_shared {
	struct libos_node node;
	struct libos_share *share;
	struct libos_shared *newer, *older; /* of all that there are */
	struct libos_node *parent;
	struct libos_entry *entry; /* in the parent; null: the share itself, or it has no name any more */
	uint64_t links, blocks;	   /* as the host counts them */
	uint64_t seen;		   /* the request that its attributes are of */
	uint32_t reader, writer;   /* fids that are open for that; 0: none */
	bool written;		   /* by a mapping, and not yet on the host */
	bool gone;		   /* it is freed when no call has it any more */
};

static inline struct libos_shared *libos_shared(struct libos_node *node)
{
	return (struct libos_shared *)node;
}

/*
 * Each node has its own four fids: blocks of this size are 256 bytes apart (kernel/heap.c), so that their addresses fit into 32 bits with
 * two to spare.
 */
enum { LIBOS_FID_PATH, LIBOS_FID_READER, LIBOS_FID_WRITER };
_Static_assert(sizeof(struct libos_shared) > 112, "fids are made of the node's address");
static inline uint32_t libos_fid(const struct libos_node *node, unsigned kind)
{
	return (uint32_t)(((uintptr_t)node - LIBOS_DIRECT_MAP) >> 8 << 2) | kind;
}
static inline struct libos_9p *libos_session(struct libos_node *node)
{
	return &libos_shared(node)->share->session;
}
/* Begins a request about the node's path. */
static inline struct libos_9p *libos_about(struct libos_node *node, unsigned type)
{
	libos_9p_about(libos_session(node), type, libos_fid(node, LIBOS_FID_PATH));
	return libos_session(node);
}

/* share/nodes.c */
extern const struct libos_backing libos_share_backing;
extern struct libos_shared *libos_newest_shared;
/* A node whose path fid is to be made: it is known once its attributes are there. Null: no memory. */
struct libos_shared *libos_shared_make(struct libos_share *share);
/* The fid is the host's by now: asks for what the node is. -ESTALE: it is another than it was. */
long libos_shared_ask(struct libos_shared *shared);
/* Makes the node known under a name of a directory of which it was just made; frees it where that fails. */
long libos_shared_enter(struct libos_node *directory, const char *name, size_t length, struct libos_shared *shared);
/* Takes the node from the tree, with all that is below it. */
void libos_shared_forget(struct libos_shared *shared);
void libos_shared_clunk(struct libos_shared *shared, uint32_t fid);
void libos_shared_free(struct libos_shared *shared);
/* One more fid for what another stands for. */
long libos_shared_clone(struct libos_node *node, uint32_t fid);

/* share/names.c */
long libos_shared_find(struct libos_node *directory, const char *name, size_t length, struct libos_entry **entry);
long libos_shared_add(struct libos_node *directory, const char *name, size_t length, struct libos_node *node);
long libos_shared_remove(struct libos_node *directory, struct libos_entry *entry);
long libos_shared_rename(const struct libos_walk *old, const struct libos_walk *new);
long libos_shared_list(struct libos_node *directory, char *buffer, size_t size, uint64_t *offset);

/* share/content.c */
long libos_shared_open(struct libos_node *node, unsigned flags);
long libos_shared_read(struct libos_node *node, char *buffer, size_t size, uint64_t offset);
long libos_shared_write(struct libos_node *node, const char *buffer, size_t size, uint64_t offset);
long libos_shared_synchronise(struct libos_node *node, bool data_only);
/* At most so much as one request has room for; of `answer`, the bytes are there until the next request. */
long libos_shared_read_answer(struct libos_node *node, const char **bytes, size_t size, uint64_t offset);
long libos_shared_read_part(struct libos_node *node, char *buffer, size_t size, uint64_t offset);
long libos_shared_write_part(struct libos_node *node, const char *buffer, size_t size, uint64_t offset);

/* share/attributes.c */
void libos_shared_refresh(struct libos_node *node);
void libos_shared_status(const struct libos_node *node, struct stat *status);
long libos_shared_change(struct libos_node *node, const struct libos_change *change);
long libos_shared_space(struct libos_node *node, struct statfs *space);

/* share/pages.c */
uint64_t libos_shared_page(struct libos_node *node, uint64_t offset, bool written);
/* What mappings have written goes to the host. */
long libos_shared_write_back(struct libos_shared *shared);
/* What was written otherwise, in the pages that mappings show. */
void libos_shared_update(struct libos_shared *shared, const char *bytes, size_t size, uint64_t offset);
/* All pages of mappings go, once there are many; on the way back to the program, when no call has them in use. */
void libos_shared_make_room(void);
/* No mapping shows the file beyond this size. */
void libos_shared_cut(struct libos_shared *shared, uint64_t size);
#endif
