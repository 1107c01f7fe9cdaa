/* Pipes with names: fifo(7). Each open file has references of the ends of one pipe, and hears what they are told. */
#include "node.h"
#include "pipe.h"
#include <linux/fcntl.h>
#include <linux/poll.h>

/* Linux counts who came, so that one who waits for the other end sees it come, even where it has gone since (fs/pipe.c). */
struct libos_fifo {
	struct libos_pipe pipe;
	unsigned readers, writers; /* that ever came */
	struct libos_queue opened;
};

struct heard {
	struct libos_watch watch;
	struct libos_file *by;
};
struct opened {
	struct libos_pipe_end end;
	struct libos_node *node;
	struct heard reader, writer;
	bool had_no_writer;	  /* when it was opened: to be without is no end yet */
	unsigned writers_before;
};

static struct libos_fifo *fifo_of(const struct opened *opened)
{
	return (struct libos_fifo *)opened->end.pipe;
}

static bool has(const struct libos_file *file, unsigned access)
{
	return (file->flags & O_ACCMODE) == access || (file->flags & O_ACCMODE) == O_RDWR;
}

static void hear(struct libos_watch *watch)
{
	libos_notify(&((struct heard *)watch)->by->changed);
}

static void join(struct opened *opened, struct heard *heard, struct libos_file *end)
{
	*heard = (struct heard){{.notify = hear}, &opened->end.file};
	libos_file_keep(end);
	libos_watch(&end->changed, &heard->watch);
}

static void leave(struct heard *heard, struct libos_file *end)
{
	libos_unwatch(&end->changed, &heard->watch);
	libos_file_release(end);
}

static unsigned ready(struct libos_file *file)
{
	const struct opened *opened = (struct opened *)file;
	unsigned events = has(file, O_RDONLY) ? libos_pipe_reader_ready(file) : 0;
	if (opened->had_no_writer && opened->writers_before == fifo_of(opened)->writers)
		events &= ~(unsigned)POLLHUP;
	return events | (has(file, O_WRONLY) ? libos_pipe_writer_ready(file) : 0);
}

static long status(struct libos_file *file, struct stat *status)
{
	libos_node_status(((struct opened *)file)->node, status);
	return 0;
}

/* The pipe goes with who has it last, and what is in it. */
static void close(struct libos_file *file)
{
	struct opened *opened = (struct opened *)file;
	struct libos_pipe *pipe = opened->end.pipe;
	bool reads = has(file, O_RDONLY), writes = has(file, O_WRONLY);
	if (pipe->reader.file.references == reads && pipe->writer.file.references == writes)
		opened->node->fifo = NULL;
	if (reads)
		leave(&opened->reader, &pipe->reader.file);
	if (writes)
		leave(&opened->writer, &pipe->writer.file);
	libos_node_release(opened->node);
	libos_free(opened);
}

static const struct libos_file_kind kind = {
	.read = libos_pipe_read, .write = libos_pipe_write, .ready = ready, .control = libos_pipe_control, .status = status, .close = close};

static struct libos_fifo *make(void)
{
	struct libos_fifo *fifo = libos_allocate(sizeof *fifo);
	if (!fifo)
		return NULL;
	libos_pipe_start(&fifo->pipe, 0);
	fifo->pipe.reader.file.references = fifo->pipe.writer.file.references = 0;
	return fifo;
}

/* Who opens one end alone waits for the other, unless the file is not to block. */
static long wait_for_other(struct opened *opened)
{
	struct libos_fifo *fifo = fifo_of(opened);
	bool reads = has(&opened->end.file, O_RDONLY);
	const struct libos_file *other = reads ? &fifo->pipe.writer.file : &fifo->pipe.reader.file;
	const unsigned *came = reads ? &fifo->writers : &fifo->readers, before = *came;
	long result = 0;
	if (opened->end.file.flags & O_NONBLOCK)
		opened->had_no_writer = reads && !other->references;
	else
		while (!other->references && *came == before && !result)
			result = libos_wait(&fifo->opened, LIBOS_NEVER);
	return result;
}

static long open(struct libos_node *node, unsigned flags, struct libos_file **file)
{
	struct opened *opened = libos_allocate(sizeof *opened);
	if (!opened || (!node->fifo && !(node->fifo = make()))) {
		libos_free(opened);
		return -ENOMEM;
	}
	struct libos_fifo *fifo = node->fifo;
	flags &= O_ACCMODE | O_NONBLOCK | O_DIRECT | O_LARGEFILE | O_NOFOLLOW | O_NOATIME;
	opened->end = (struct libos_pipe_end){{.kind = &kind, .references = 1, .flags = flags}, &fifo->pipe};
	opened->node = node;
	libos_node_keep(node);
	bool reads = has(&opened->end.file, O_RDONLY), writes = has(&opened->end.file, O_WRONLY);
	bool no_reader = !reads && flags & O_NONBLOCK && !fifo->pipe.reader.file.references;
	if (reads)
		join(opened, &opened->reader, &fifo->pipe.reader.file);
	if (writes)
		join(opened, &opened->writer, &fifo->pipe.writer.file);
	fifo->readers += reads && !no_reader;
	fifo->writers += writes && !no_reader;
	opened->writers_before = fifo->writers;
	libos_notify(&fifo->opened);
	long error = no_reader ? -ENXIO : reads && writes ? 0 : wait_for_other(opened);
	if (error)
		libos_file_release(&opened->end.file);
	else
		*file = &opened->end.file;
	return error;
}

const struct libos_device libos_fifo_device = {.open = open};
