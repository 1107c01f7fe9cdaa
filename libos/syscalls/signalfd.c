/* signalfd(2): pending signals that are read. */
#include "readiness.h"
#include "signals.h"
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/signalfd.h>

struct signal_file {
	struct libos_file file;
	struct signal_file *next;
	uint64_t signals;
};
static struct signal_file *first;

/* Which signals a file tells of is looked at by who reads: those of its own thread are among them. */
void libos_signal_files_notify(void)
{
	for (struct signal_file *file = first; file; file = file->next)
		libos_notify(&file->file.changed);
}

static struct signalfd_siginfo described(const siginfo_t *info)
{
	struct signalfd_siginfo result = {.ssi_signo = (uint32_t)info->si_signo, .ssi_errno = info->si_errno, .ssi_code = info->si_code};
	if (info->si_code == SI_TIMER) {
		result.ssi_tid = (uint32_t)info->si_tid;
		result.ssi_overrun = (uint32_t)info->si_overrun;
	} else {
		result.ssi_pid = (uint32_t)info->si_pid;
		result.ssi_uid = info->si_uid;
	}
	if (info->si_code < 0 && info->si_code != SI_TKILL) { /* with a value: SI_QUEUE, SI_TIMER and the like */
		result.ssi_ptr = (uintptr_t)info->si_ptr;
		result.ssi_int = info->si_int;
	}
	return result;
}

static long read_signals(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	const struct signal_file *self = (struct signal_file *)file;
	struct signalfd_siginfo result;
	siginfo_t info;
	size_t count = 0;
	(void)offset;
	if (size < sizeof result)
		return -EINVAL;
	while (!(libos_signal_pending() & self->signals)) {
		long error = libos_wait_for_file(file);
		if (error)
			return error;
	}
	if (!libos_still_writable(buffer, size - size % sizeof result))
		return -EFAULT;
	for (; (count + 1) * sizeof result <= size && libos_signal_take(self->signals, &info); count++) {
		result = described(&info);
		libos_memcpy((char *)buffer + count * sizeof result, &result, sizeof result);
	}
	return (long)(count * sizeof result);
}

static unsigned signals_ready(struct libos_file *file)
{
	return libos_signal_pending() & ((struct signal_file *)file)->signals ? POLLIN | POLLRDNORM : 0;
}

static void close_signals(struct libos_file *file)
{
	struct signal_file **link = &first;
	while (*link != (struct signal_file *)file)
		link = &(*link)->next;
	*link = (*link)->next;
	libos_free(file);
}

static const struct libos_file_kind kind = {.read = read_signals, .ready = signals_ready, .close = close_signals};

long libos_sys_signalfd4(int descriptor, const uint64_t *mask, size_t mask_size, int flags)
{
	if (mask_size != sizeof *mask || flags & ~(SFD_CLOEXEC | SFD_NONBLOCK))
		return -EINVAL;
	if (!libos_readable(mask, sizeof *mask))
		return -EFAULT;
	uint64_t signals = *mask & ~(libos_signal_bit(SIGKILL) | libos_signal_bit(SIGSTOP));
	if (descriptor != -1) {
		struct libos_file *file = libos_file(descriptor);
		if (!file)
			return -EBADF;
		if (file->kind != &kind)
			return -EINVAL;
		((struct signal_file *)file)->signals = signals;
		libos_notify(&file->changed);
		return descriptor;
	}
	struct signal_file *file = libos_allocate(sizeof *file);
	if (!file)
		return -ENOMEM;
	*file = (struct signal_file){{.kind = &kind, .references = 1, .flags = O_RDWR | (unsigned)(flags & SFD_NONBLOCK)}, first, signals};
	first = file;
	return libos_descriptor_add(&file->file, flags & SFD_CLOEXEC);
}

long libos_sys_signalfd(int descriptor, const uint64_t *mask, size_t mask_size)
{
	return libos_sys_signalfd4(descriptor, mask, mask_size, 0);
}
