/*
 * 9P2000.L, what a folder of the host is spoken to by (Linux's include/net/9p/9p.h; diod's protocol.md): a request and its answer at a
 * time. Numbers are little-endian; a text is its length in two bytes, and its bytes.
 */
#ifndef LIBOS_MESSAGE_H
#define LIBOS_MESSAGE_H
#include "../drivers/virtio.h"

/* Requests; the answer's type is one more. */
enum {
	LIBOS_9P_STATFS = 8,
	LIBOS_9P_OPEN = 12,
	LIBOS_9P_CREATE = 14,
	LIBOS_9P_SYMLINK = 16,
	LIBOS_9P_READLINK = 22,
	LIBOS_9P_GET_ATTRIBUTES = 24,
	LIBOS_9P_SET_ATTRIBUTES = 26,
	LIBOS_9P_READ_DIRECTORY = 40,
	LIBOS_9P_SYNCHRONISE = 50,
	LIBOS_9P_LINK = 70,
	LIBOS_9P_MAKE_DIRECTORY = 72,
	LIBOS_9P_RENAME = 74,
	LIBOS_9P_UNLINK = 76,
	LIBOS_9P_VERSION = 100,
	LIBOS_9P_ATTACH = 104,
	LIBOS_9P_WALK = 110,
	LIBOS_9P_READ = 116,
	LIBOS_9P_WRITE = 118,
	LIBOS_9P_CLUNK = 120,
};

enum {
	LIBOS_9P_MESSAGE = 128 * 1024,	 /* the largest */
	LIBOS_9P_HEADER = 4 + 1 + 2,	 /* size, type, tag */
	LIBOS_9P_READ_HEADER = LIBOS_9P_HEADER + 4,
	LIBOS_9P_WRITE_HEADER = LIBOS_9P_HEADER + 4 + 8 + 4,
	LIBOS_9P_QID = 1 + 4 + 8, /* type, version, path */
};
#define LIBOS_9P_NO_FID UINT32_MAX

struct libos_9p {
	struct libos_virtio device;
	struct libos_virtqueue queue;
	char *request, *answer;
	size_t largest; /* message that both sides take */
	size_t used;	/* of the request */
	size_t next, end; /* of the answer */
	bool damaged;	/* it was read beyond its end, or the request is too large */
	uint64_t asked; /* how many requests there were */
};

/* share/message.c */
void libos_9p_begin(struct libos_9p *session, unsigned type);
void libos_9p_put(struct libos_9p *session, uint64_t number, unsigned bytes);
void libos_9p_put_bytes(struct libos_9p *session, const char *bytes, size_t size);
void libos_9p_put_text(struct libos_9p *session, const char *text, size_t length);
/* 0, or the errno that the host answers; -EIO where what it answers is none. */
long libos_9p_ask(struct libos_9p *session);
/* What is not there is 0, and the answer is damaged. */
uint64_t libos_9p_get(struct libos_9p *session, unsigned bytes);
/* So many bytes, where they are until the next request; null: they are not there. */
const char *libos_9p_get_bytes(struct libos_9p *session, size_t size);
const char *libos_9p_get_text(struct libos_9p *session, size_t *length);

/* Begins a request about a fid, as most are. */
static inline void libos_9p_about(struct libos_9p *session, unsigned type, uint32_t fid)
{
	libos_9p_begin(session, type);
	libos_9p_put(session, fid, 4);
}
#endif
