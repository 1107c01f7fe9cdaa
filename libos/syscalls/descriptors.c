/* More descriptors for open files, and their flags: dup(2), fcntl(2). */
#include "descriptors.h"
#include <linux/fcntl.h>
#include <linux/fs.h>

/* syscalls/pipe.c, in a program that has pipes: F_GETPIPE_SZ and F_SETPIPE_SZ */
long libos_pipe_size(struct libos_file *file, bool change, unsigned size) __attribute__((weak));

/* syscalls/locks.c, in a program that asks for them: F_OFD_GETLK, F_OFD_SETLK and F_OFD_SETLKW, and EINVAL for all else */
long libos_range_lock(struct libos_file *file, unsigned command, struct flock *lock) __attribute__((weak));

/* What F_SETFL can change (fcntl(2)). */
enum { CHANGEABLE = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME | FASYNC };

static long duplicate(struct libos_file *file, unsigned lowest, bool close_on_exec)
{
	int descriptor = libos_descriptor_find(lowest);
	if (descriptor < 0)
		return descriptor;
	libos_file_keep(file);
	libos_descriptor_set((unsigned)descriptor, file, close_on_exec);
	return descriptor;
}

long libos_sys_dup(int descriptor)
{
	struct libos_file *file = libos_file(descriptor);
	return file ? duplicate(file, 0, false) : -EBADF;
}

static long replace(struct libos_file *file, int descriptor, bool close_on_exec)
{
	if (!file || (unsigned)descriptor >= libos_descriptor_limit)
		return -EBADF;
	if (!libos_descriptor_room((unsigned)descriptor))
		return -ENOMEM;
	libos_file_keep(file);
	libos_descriptor_close(descriptor);
	libos_descriptor_set((unsigned)descriptor, file, close_on_exec);
	return descriptor;
}

long libos_sys_dup2(int old, int new)
{
	struct libos_file *file = libos_file(old);
	return file && old == new ? new : replace(file, new, false);
}

long libos_sys_dup3(int old, int new, int flags)
{
	if (old == new || flags & ~O_CLOEXEC)
		return -EINVAL;
	return replace(libos_file(old), new, flags & O_CLOEXEC);
}

/* There is one process, and these locks are a process's: they never conflict. */
static long lock(const struct libos_file *file, bool asks, struct flock *lock)
{
	unsigned access = file->flags & O_ACCMODE;
	if (!libos_writable(lock, sizeof *lock))
		return -EFAULT;
	if ((unsigned short)lock->l_type > (asks ? F_WRLCK : F_UNLCK)) /* F_RDLCK is 0, and F_UNLCK the last */
		return -EINVAL;
	if (lock->l_whence < SEEK_SET || lock->l_whence > SEEK_END || (lock->l_whence == SEEK_SET && lock->l_start < 0))
		return -EINVAL;
	if (!asks && access == (lock->l_type == F_RDLCK ? O_WRONLY : lock->l_type == F_WRLCK ? O_RDONLY : O_ACCMODE))
		return -EBADF;
	if (asks)
		lock->l_type = F_UNLCK;
	return 0;
}

long libos_sys_fcntl(int descriptor, unsigned command, unsigned long argument)
{
	struct libos_file *file = libos_file(descriptor);
	if (!file)
		return -EBADF;
	switch (command) {
	case F_GETFD:
		return libos_descriptors[descriptor].close_on_exec ? FD_CLOEXEC : 0;
	case F_SETFD:
		libos_descriptors[descriptor].close_on_exec = argument & FD_CLOEXEC;
		return 0;
	case F_GETFL:
		return file->flags;
	case F_SETFL:
		file->flags = (file->flags & ~(unsigned)CHANGEABLE) | (argument & CHANGEABLE);
		return 0;
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if (argument >= libos_descriptor_limit)
			return -EINVAL;
		return duplicate(file, (unsigned)argument, command == F_DUPFD_CLOEXEC);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
		return lock(file, command == F_GETLK, (struct flock *)argument);
	case F_SETPIPE_SZ:
	case F_GETPIPE_SZ:
		return libos_pipe_size ? libos_pipe_size(file, command == F_SETPIPE_SZ, (unsigned)argument) : -EBADF;
	case F_SETOWN:
	case F_GETOWN:
		return 0;
	}
	return libos_range_lock ? libos_range_lock(file, command, (struct flock *)argument) : -EINVAL;
}
