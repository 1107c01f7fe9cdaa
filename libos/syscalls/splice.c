/* Moving bytes into pipes and out of them: splice(2), tee(2), vmsplice(2). Pages stay where they are: their bytes are copied. */
#include "pipe.h"
#include "readiness.h"
#include "socket.h"
#include "transfer.h"
#include <linux/fcntl.h>
#include <linux/poll.h>

enum { MOVE = 1, NONBLOCK = 2, MORE = 4, GIFT = 8, ALL = MOVE | NONBLOCK | MORE | GIFT };
enum { PART = LIBOS_CHANNEL_SIZE };

static size_t least(size_t one, size_t other)
{
	return one < other ? one : other;
}

static long broken(void)
{
	if (libos_signal_pipe)
		libos_signal_pipe();
	return -EPIPE;
}

/* 1: there are bytes; 0: there are none, and nobody writes any */
static long wait_for_bytes(struct libos_file *file, bool blocks)
{
	const struct libos_pipe *pipe = libos_pipe_of(file);
	while (!pipe->channel.size) {
		if (!pipe->writer.file.references)
			return 0;
		long error = blocks ? libos_wait(&file->changed, LIBOS_NEVER) : -EAGAIN;
		if (error)
			return error;
	}
	return 1;
}

/* 1, or a negative errno */
static long wait_for_room(struct libos_file *file, bool blocks)
{
	const struct libos_pipe *pipe = libos_pipe_of(file);
	for (;;) {
		if (!pipe->reader.file.references)
			return broken();
		if (libos_pipe_room(pipe))
			return 1;
		long error = blocks ? libos_wait(&file->changed, LIBOS_NEVER) : -EAGAIN;
		if (error)
			return error;
	}
}

static long put(struct libos_pipe *pipe, const void *bytes, size_t size)
{
	size_t done = libos_channel_put(&pipe->channel, bytes, size);
	libos_notify(&pipe->reader.file.changed);
	return done || !size ? (long)done : -ENOMEM;
}

static long take(struct libos_pipe *pipe, void *buffer, size_t size)
{
	size_t done = libos_channel_get(&pipe->channel, buffer, size);
	libos_notify(&pipe->writer.file.changed);
	return (long)done;
}

/* A socket does not wait here: then others might take out of the pipe what is on its way already. */
static long write_part(struct libos_file *to, const char *buffer, size_t size, uint64_t *offset)
{
	struct iovec part = {(void *)buffer, size};
	const struct libos_message message = {.parts = &part, .count = 1, .size = size, .own = true};
	if (!to->kind->socket)
		return to->kind->write(to, buffer, size, offset);
	long sent = to->kind->socket->send ? to->kind->socket->send(to, &message) : -EINVAL;
	return sent == -EPIPE ? broken() : sent;
}

static long out_of_pipe(struct libos_file *from, struct libos_file *to, uint64_t *offset, size_t size, bool blocks, char *buffer)
{
	struct libos_pipe *pipe = libos_pipe_of(from);
	size_t done = 0;
	long result = 0;
	while (done < size && !(done && !pipe->channel.size)) {
		result = wait_for_bytes(from, blocks);
		if (result <= 0)
			break;
		size_t part = least(least(size - done, PART), pipe->channel.size);
		libos_channel_peek(&pipe->channel, 0, buffer, part);
		result = write_part(to, buffer, part, offset);
		if (result == -EAGAIN && to->kind->socket) {
			result = libos_wait_for_file(to);
			if (!result)
				continue;
		}
		if (result < 0)
			break;
		take(pipe, NULL, (size_t)result);
		done += (size_t)result;
	}
	return done ? (long)done : result;
}

static long into_pipe(struct libos_file *from, uint64_t *offset, struct libos_file *to, size_t size, bool blocks, char *buffer)
{
	struct libos_pipe *pipe = libos_pipe_of(to);
	long result = wait_for_room(to, blocks);
	if (result < 0)
		return result;
	if (!blocks && !(libos_file_ready(from) & (POLLIN | POLLHUP | POLLERR)))
		return -EAGAIN;
	result = from->kind->read(from, buffer, least(least(size, PART), libos_pipe_room(pipe)), offset);
	return result <= 0 ? result : put(pipe, buffer, (size_t)result);
}

/* What is in one pipe into another, as far as there is room; `keep`: it stays in the first one, too. */
static long between_pipes(struct libos_file *from, struct libos_file *to, size_t size, bool keep, bool blocks, char *buffer)
{
	struct libos_pipe *source = libos_pipe_of(from), *target = libos_pipe_of(to);
	long result;
	do {
		result = wait_for_bytes(from, blocks);
		if (result > 0)
			result = wait_for_room(to, blocks);
		if (result <= 0)
			return result;
	} while (!source->channel.size);
	size_t done = 0;
	size = least(least(size, source->channel.size), libos_pipe_room(target));
	while (done < size) {
		size_t part = least(size - done, PART);
		libos_channel_peek(&source->channel, keep ? done : 0, buffer, part);
		result = put(target, buffer, part);
		if (result < 0)
			break;
		if (!keep)
			take(source, NULL, (size_t)result);
		done += (size_t)result;
	}
	return done ? (long)done : result;
}

/* Where in the file: its own offset, or the caller's, which a file without offsets does not take. */
static long check_place(const struct libos_file *file, int64_t *offset, uint64_t *at)
{
	if (offset && libos_is_pipe(file))
		return -ESPIPE;
	if (offset && !libos_writable(offset, sizeof *offset))
		return -EFAULT;
	*at = offset ? (uint64_t)*offset : file->offset;
	return 0;
}

static long splice(struct libos_file *from, uint64_t *from_at, struct libos_file *to, uint64_t *to_at, size_t size, unsigned flags)
{
	bool in = libos_is_pipe(from), out = libos_is_pipe(to);
	unsigned of_pipes = (in ? from->flags : 0) | (out ? to->flags : 0);
	bool blocks = !(flags & NONBLOCK || of_pipes & O_NONBLOCK);
	char *buffer = libos_allocate(PART);
	if (!buffer)
		return -ENOMEM;
	libos_file_keep(from);
	libos_file_keep(to);
	long result = in && out ? between_pipes(from, to, size, false, blocks, buffer)
		      : in	? out_of_pipe(from, to, to_at, size, blocks, buffer)
				: into_pipe(from, from_at, to, size, blocks, buffer);
	libos_file_release(from);
	libos_file_release(to);
	libos_free(buffer);
	return result;
}

/* Whether it can be read or written so: what has neither offsets nor the ways of a socket has not. */
static bool takes_part(const struct libos_file *file, const int64_t *offset, bool writes)
{
	if (libos_is_pipe(file))
		return true;
	if (offset && (!file->kind->seek || *offset < 0))
		return false;
	return writes ? file->kind->write && !(file->flags & O_APPEND) : file->kind->read && (file->kind->seek || file->kind->socket);
}

long libos_sys_splice(int from_descriptor, int64_t *from_offset, int to_descriptor, int64_t *to_offset, size_t size, unsigned flags)
{
	uint64_t from_at, to_at;
	if (size == 0)
		return 0;
	if (flags & ~(unsigned)ALL)
		return -EINVAL;
	struct libos_file *from = libos_file(from_descriptor), *to = libos_file(to_descriptor);
	if (!from || !to)
		return -EBADF;
	long result = check_place(from, from_offset, &from_at);
	if (!result)
		result = check_place(to, to_offset, &to_at);
	if (result)
		return result;
	if ((from->flags & O_ACCMODE) == O_WRONLY || (to->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	bool in = libos_is_pipe(from), out = libos_is_pipe(to);
	if (!(in || out) || (in && out && libos_pipe_of(from) == libos_pipe_of(to)) || !takes_part(from, from_offset, false) ||
	    !takes_part(to, to_offset, true))
		return -EINVAL;
	result = splice(from, from_offset ? &from_at : &from->offset, to, to_offset ? &to_at : &to->offset, size, flags);
	if (result < 0)
		return result;
	if ((from_offset && !libos_writable(from_offset, sizeof *from_offset)) || (to_offset && !libos_writable(to_offset, sizeof *to_offset)))
		return -EFAULT;
	if (from_offset)
		*from_offset = (int64_t)from_at;
	if (to_offset)
		*to_offset = (int64_t)to_at;
	return result;
}

long libos_sys_tee(int from_descriptor, int to_descriptor, size_t size, unsigned flags)
{
	if (flags & ~(unsigned)ALL)
		return -EINVAL;
	if (size == 0)
		return 0;
	struct libos_file *from = libos_file(from_descriptor), *to = libos_file(to_descriptor);
	if (!from || !to || (from->flags & O_ACCMODE) == O_WRONLY || (to->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (!libos_is_pipe(from) || !libos_is_pipe(to) || libos_pipe_of(from) == libos_pipe_of(to))
		return -EINVAL;
	char *buffer = libos_allocate(PART);
	if (!buffer)
		return -ENOMEM;
	libos_file_keep(from);
	libos_file_keep(to);
	long result = between_pipes(from, to, size, true, !(flags & NONBLOCK || (from->flags | to->flags) & O_NONBLOCK), buffer);
	libos_file_release(from);
	libos_file_release(to);
	libos_free(buffer);
	return result;
}

static long put_part(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	struct libos_pipe *pipe = libos_pipe_of(file);
	(void)offset;
	if (!pipe->reader.file.references)
		return broken();
	return libos_readable(buffer, size) ? put(pipe, buffer, least(size, libos_pipe_room(pipe))) : -EFAULT;
}

static long take_part(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	(void)offset;
	return libos_writable(buffer, size) ? take(libos_pipe_of(file), buffer, size) : -EFAULT;
}

/* Once: what there is room for goes in, or what is there comes out. */
long libos_sys_vmsplice(int descriptor, const struct iovec *parts, size_t count, unsigned flags)
{
	struct libos_file *file = libos_file(descriptor);
	if (flags & ~(unsigned)ALL)
		return -EINVAL;
	if (!file || !libos_is_pipe(file))
		return -EBADF;
	if (count > UIO_MAXIOV)
		return -EINVAL;
	bool writes = (file->flags & O_ACCMODE) != O_RDONLY, blocks = !(flags & NONBLOCK);
	libos_file_keep(file);
	long result;
	do {
		result = libos_transfer_parts(writes ? put_part : take_part, file, parts, (int)count, NULL);
		bool any = false;
		for (size_t i = 0; !result && i < count; i++)
			any |= parts[i].iov_len != 0;
		if (!any)
			break;
		result = writes ? wait_for_room(file, blocks) : wait_for_bytes(file, blocks);
	} while (result > 0);
	libos_file_release(file);
	return result;
}
