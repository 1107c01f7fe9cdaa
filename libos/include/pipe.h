/* Pipes: two ends with a channel between them. */
#ifndef LIBOS_PIPE_H
#define LIBOS_PIPE_H
#include "channel.h"
#include "file.h"

/* The first member of each file that reads or writes. */
struct libos_pipe;
struct libos_pipe_end {
	struct libos_file file;
	struct libos_pipe *pipe;
};
/* It has readers and writers while its ends have references; without any it frees itself. */
struct libos_pipe {
	struct libos_pipe_end reader, writer;
	struct libos_channel channel;
	size_t capacity;
};

/* Of a file that `libos_is_pipe`: the pipe that it is an end of. */
static inline struct libos_pipe *libos_pipe_of(struct libos_file *file)
{
	return ((struct libos_pipe_end *)file)->pipe;
}
static inline size_t libos_pipe_room(const struct libos_pipe *pipe)
{
	return pipe->channel.size < pipe->capacity ? pipe->capacity - pipe->channel.size : 0;
}

/* syscalls/pipe.c: what the kinds of such files consist of */
void libos_pipe_start(struct libos_pipe *pipe, unsigned flags);
long libos_pipe_read(struct libos_file *file, void *buffer, size_t size, uint64_t *offset);
long libos_pipe_write(struct libos_file *file, const void *buffer, size_t size, uint64_t *offset);
unsigned libos_pipe_reader_ready(struct libos_file *file);
unsigned libos_pipe_writer_ready(struct libos_file *file);
long libos_pipe_control(struct libos_file *file, unsigned request, void *argument);
static inline bool libos_is_pipe(const struct libos_file *file)
{
	return file->kind->control == libos_pipe_control;
}
#endif
