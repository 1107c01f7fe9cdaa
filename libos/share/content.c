/* The content of shared files: each read and each write is the host's. */
#include "shared.h"
#include <linux/fcntl.h>

/* Two fids, as the host checks for each what the program may do. */
static long open_for(struct libos_node *node, uint32_t *fid, unsigned kind, unsigned access)
{
	const uint32_t new = libos_fid(node, kind);
	if (*fid)
		return 0;
	long error = libos_shared_clone(node, new);
	if (error)
		return error;
	struct libos_9p *session = libos_session(node);
	libos_9p_about(session, LIBOS_9P_OPEN, new);
	libos_9p_put(session, access, 4);
	if ((error = libos_9p_ask(session)))
		libos_shared_clunk(libos_shared(node), new);
	else
		*fid = new;
	return error;
}

long libos_shared_open(struct libos_node *node, unsigned flags)
{
	struct libos_shared *shared = libos_shared(node);
	const unsigned access = flags & O_ACCMODE;
	long error = 0;
	if (!libos_is(node, S_IFREG) && !libos_is(node, S_IFDIR))
		return -ENXIO;
	if (access != O_WRONLY)
		error = open_for(node, &shared->reader, LIBOS_FID_READER, O_RDONLY);
	if (!error && access != O_RDONLY)
		error = open_for(node, &shared->writer, LIBOS_FID_WRITER, O_WRONLY);
	return error;
}

long libos_shared_read_answer(struct libos_node *node, const char **bytes, size_t size, uint64_t offset)
{
	struct libos_9p *session = libos_session(node);
	const size_t most = session->largest - LIBOS_9P_READ_HEADER;
	if (size > most)
		size = most;
	libos_9p_about(session, LIBOS_9P_READ, libos_shared(node)->reader);
	libos_9p_put(session, offset, 8);
	libos_9p_put(session, size, 4);
	long error = libos_9p_ask(session);
	if (error)
		return error;
	const size_t got = libos_9p_get(session, 4);
	*bytes = libos_9p_get_bytes(session, got);
	return *bytes && got <= size ? (long)got : -EIO;
}

long libos_shared_read_part(struct libos_node *node, char *buffer, size_t size, uint64_t offset)
{
	const char *bytes;
	long got = libos_shared_read_answer(node, &bytes, size, offset);
	if (got > 0)
		libos_memcpy(buffer, bytes, (size_t)got);
	return got;
}

long libos_shared_write_part(struct libos_node *node, const char *buffer, size_t size, uint64_t offset)
{
	struct libos_9p *session = libos_session(node);
	const size_t most = session->largest - LIBOS_9P_WRITE_HEADER;
	if (size > most)
		size = most;
	libos_9p_about(session, LIBOS_9P_WRITE, libos_shared(node)->writer);
	libos_9p_put(session, offset, 8);
	libos_9p_put(session, size, 4);
	libos_9p_put_bytes(session, buffer, size);
	long error = libos_9p_ask(session);
	if (error)
		return error;
	const size_t put = libos_9p_get(session, 4);
	return session->damaged || put > size ? -EIO : (long)put;
}

long libos_shared_read(struct libos_node *node, char *buffer, size_t size, uint64_t offset)
{
	size_t done = 0;
	long error = libos_shared_write_back(libos_shared(node));
	if (error)
		return error;
	if (!libos_still_writable(buffer, size)) /* it may be in a mapping that was just written back */
		return -EFAULT;
	while (done < size) {
		long got = libos_shared_read_part(node, buffer + done, size - done, offset + done);
		if (got <= 0)
			return done ? (long)done : got;
		done += (size_t)got;
	}
	return (long)done;
}

long libos_shared_write(struct libos_node *node, const char *buffer, size_t size, uint64_t offset)
{
	size_t done = 0;
	if (offset >= LIBOS_FILE_MAX)
		return -EFBIG;
	while (done < size) {
		long put = libos_shared_write_part(node, buffer + done, size - done, offset + done);
		if (put <= 0)
			return done ? (long)done : put;
		libos_shared_update(libos_shared(node), buffer + done, (size_t)put, offset + done);
		done += (size_t)put;
		if (offset + done > node->size)
			node->size = offset + done;
	}
	return (long)done;
}

long libos_shared_synchronise(struct libos_node *node, bool data_only)
{
	struct libos_shared *shared = libos_shared(node);
	long error = libos_shared_write_back(shared);
	if (error)
		return error;
	struct libos_9p *session = libos_session(node);
	libos_9p_about(session, LIBOS_9P_SYNCHRONISE, shared->writer ? shared->writer : shared->reader);
	libos_9p_put(session, data_only, 4);
	return libos_9p_ask(session);
}
