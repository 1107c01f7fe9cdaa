/* Open files: what a descriptor stands for. */
#ifndef LIBOS_FILE_H
#define LIBOS_FILE_H
#include "wait.h"

struct stat;
struct libos_file;
struct libos_socket_kind;
struct libos_area;

/*
 * What a kind of file can do; a null member is what Linux answers where it makes no sense. Buffers are checked before.
 * `offset` is read and moved; it is the file's own or, for pread and pwrite, the caller's. Results as the system call's.
 */
struct libos_file_kind {
	long (*read)(struct libos_file *file, void *buffer, size_t size, uint64_t *offset);
	long (*write)(struct libos_file *file, const void *buffer, size_t size, uint64_t *offset);
	/* the new offset, or a negative errno; null: ESPIPE */
	long (*seek)(struct libos_file *file, int64_t offset, unsigned whence);
	/* POLLIN, POLLOUT, POLLERR, POLLHUP, POLLRDHUP as they are now; null: always readable and writable */
	unsigned (*ready)(struct libos_file *file);
	long (*control)(struct libos_file *file, unsigned request, void *argument);
	long (*status)(struct libos_file *file, struct stat *status);
	/* the page table's entry for an access (PROT_READ …) to a page of an area that shows the file; null: it is not to be mapped */
	enum libos_fault (*map)(const struct libos_area *area, uintptr_t page, int access, uint64_t *entry);
	bool zeros; /* a mapping of it has no pages of a file, but zeros */
	/* the last reference is gone: frees what the file owns, and the file */
	void (*close)(struct libos_file *file);
	/* what sockets can do more; null: ENOTSOCK */
	const struct libos_socket_kind *socket;
};

/* The first member of each kind's own struct. */
struct libos_file {
	const struct libos_file_kind *kind;
	unsigned references; /* of descriptors, of mappings, and of calls that wait */
	unsigned flags;	     /* O_ACCMODE, O_NONBLOCK, O_APPEND … as F_GETFL gives them */
	uint64_t offset;
	struct libos_queue changed; /* notified when what `ready` says may be more */
};

/* Looks again after a wait at a buffer that was checked before, or is the library OS's own (sendfile's). */
static inline bool libos_still_readable(const void *buffer, size_t size)
{
	return (uintptr_t)buffer >= LIBOS_DIRECT_MAP || libos_readable(buffer, size);
}
static inline bool libos_still_writable(void *buffer, size_t size)
{
	return (uintptr_t)buffer >= LIBOS_DIRECT_MAP || libos_writable(buffer, size);
}

/* The file of a descriptor; null: EBADF. */
struct libos_file *libos_file(int descriptor);
void libos_file_keep(struct libos_file *file);
void libos_file_release(struct libos_file *file);
/* kernel/file_gone.c: watches `changed` until the file goes; then it is called once more, with no reference left, and takes itself out */
void libos_watch_file(struct libos_file *file, struct libos_watch *watch);
void libos_file_gone(struct libos_file *file) __attribute__((weak));
/* kernel/signals.c; null in a program without signals: for who writes to what nobody reads, pipe(7), send(2) */
void libos_signal_pipe(void) __attribute__((weak));
/* The lowest free descriptor for a file with one reference, which it takes over; or -EMFILE, and the reference is released. */
int libos_descriptor_add(struct libos_file *file, bool close_on_exec);
#endif
