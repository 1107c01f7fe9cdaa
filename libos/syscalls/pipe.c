/* pipe(2): two files with a channel between them. */
#include "descriptors.h"
#include "pipe.h"
#include "readiness.h"
#include <asm/ioctls.h>
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/poll.h>
#include <linux/stat.h>

long libos_pipe_read(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	struct libos_pipe *pipe = libos_pipe_of(file);
	(void)offset;
	if (!size)
		return 0;
	while (!pipe->channel.size) {
		if (!pipe->writer.file.references)
			return 0;
		long error = libos_wait_for_file(file);
		if (error)
			return error;
	}
	if (!libos_still_writable(buffer, size))
		return -EFAULT;
	size_t done = libos_channel_get(&pipe->channel, buffer, size);
	libos_notify(&pipe->writer.file.changed);
	return (long)done;
}

/* What fits into PIPE_BUF is written in one piece (pipe(7)). */
long libos_pipe_write(struct libos_file *file, const void *buffer, size_t size, uint64_t *offset)
{
	struct libos_pipe *pipe = libos_pipe_of(file);
	size_t done = 0;
	(void)offset;
	while (done < size) {
		if (!pipe->reader.file.references) {
			if (libos_signal_pipe)
				libos_signal_pipe();
			return done ? (long)done : -EPIPE;
		}
		size_t room = libos_pipe_room(pipe), part = size - done;
		if (room < (size <= PIPE_BUF ? size : 1)) {
			long error = libos_wait_for_file(file);
			if (error)
				return done ? (long)done : error;
			continue;
		}
		if (!libos_still_readable((const char *)buffer + done, part))
			return done ? (long)done : -EFAULT;
		size_t put = libos_channel_put(&pipe->channel, (const char *)buffer + done, part < room ? part : room);
		if (!put)
			return done ? (long)done : -ENOMEM;
		done += put;
		libos_notify(&pipe->reader.file.changed);
	}
	return (long)done;
}

unsigned libos_pipe_reader_ready(struct libos_file *file)
{
	struct libos_pipe *pipe = libos_pipe_of(file);
	return (pipe->channel.size ? POLLIN | POLLRDNORM : 0) | (pipe->writer.file.references ? 0 : POLLHUP);
}

unsigned libos_pipe_writer_ready(struct libos_file *file)
{
	struct libos_pipe *pipe = libos_pipe_of(file);
	return (libos_pipe_room(pipe) >= PIPE_BUF ? POLLOUT | POLLWRNORM : 0) |
	       (pipe->reader.file.references ? 0 : POLLERR);
}

long libos_pipe_control(struct libos_file *file, unsigned request, void *argument)
{
	if (request != FIONREAD)
		return -ENOTTY;
	if (!libos_writable(argument, sizeof(int)))
		return -EFAULT;
	*(int *)argument = (int)libos_pipe_of(file)->channel.size;
	return 0;
}

static long pipe_status(struct libos_file *file, struct stat *status)
{
	status->st_ino = (uintptr_t)libos_pipe_of(file) - LIBOS_DIRECT_MAP;
	status->st_mode = S_IFIFO | 0600;
	return 0;
}

static void close_end(struct libos_file *file)
{
	struct libos_pipe *pipe = libos_pipe_of(file);
	struct libos_file *other = file == &pipe->reader.file ? &pipe->writer.file : &pipe->reader.file;
	if (other->references) {
		libos_notify(&other->changed);
		return;
	}
	libos_channel_empty(&pipe->channel);
	libos_free(pipe);
}

static const struct libos_file_kind reader_kind = {
	.read = libos_pipe_read, .ready = libos_pipe_reader_ready, .control = libos_pipe_control, .status = pipe_status, .close = close_end};
static const struct libos_file_kind writer_kind = {
	.write = libos_pipe_write, .ready = libos_pipe_writer_ready, .control = libos_pipe_control, .status = pipe_status, .close = close_end};

/* fcntl(2): a power of two, at least a page. */
long libos_pipe_size(struct libos_file *file, bool change, unsigned size);
long libos_pipe_size(struct libos_file *file, bool change, unsigned size)
{
	if (!libos_is_pipe(file))
		return -EBADF;
	struct libos_pipe *pipe = libos_pipe_of(file);
	if (change) {
		size_t capacity = LIBOS_PAGE_SIZE;
		while (capacity < size && capacity <= INT32_MAX)
			capacity *= 2;
		if (!size || capacity > INT32_MAX)
			return -EINVAL;
		if (capacity > LIBOS_CHANNEL_MOST)
			return -EPERM;
		if (capacity < pipe->channel.size)
			return -EBUSY;
		pipe->capacity = capacity;
		libos_notify(&pipe->writer.file.changed);
	}
	return (long)pipe->capacity;
}

void libos_pipe_start(struct libos_pipe *pipe, unsigned flags)
{
	pipe->capacity = LIBOS_CHANNEL_SIZE;
	pipe->reader = (struct libos_pipe_end){{.kind = &reader_kind, .references = 1, .flags = O_RDONLY | flags}, pipe};
	pipe->writer = (struct libos_pipe_end){{.kind = &writer_kind, .references = 1, .flags = O_WRONLY | flags}, pipe};
}

long libos_sys_pipe2(int *descriptors, unsigned flags)
{
	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	if (!libos_writable(descriptors, 2 * sizeof *descriptors))
		return -EFAULT;
	struct libos_pipe *pipe = libos_allocate(sizeof *pipe);
	if (!pipe)
		return -ENOMEM;
	libos_pipe_start(pipe, flags & (O_NONBLOCK | O_DIRECT));
	int reader = libos_descriptor_add(&pipe->reader.file, flags & O_CLOEXEC);
	if (reader < 0) {
		libos_file_release(&pipe->writer.file);
		return reader;
	}
	int writer = libos_descriptor_add(&pipe->writer.file, flags & O_CLOEXEC);
	if (writer < 0) {
		libos_descriptor_close(reader);
		return writer;
	}
	descriptors[0] = reader;
	descriptors[1] = writer;
	return 0;
}

long libos_sys_pipe(int *descriptors)
{
	return libos_sys_pipe2(descriptors, 0);
}
