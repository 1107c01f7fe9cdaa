/* Sending signals, blocking them and waiting for them: kill(2), sigprocmask(2), sigsuspend(2), sigwaitinfo(2). */
#include "signals.h"
#include <linux/time_types.h>

enum { PROCESS = 1 };

static struct libos_sleeper *thread_of(int id)
{
	if (id == (int)libos_current->id)
		return libos_current;
	return libos_thread_of ? libos_thread_of(id) : NULL;
}

static long send(struct libos_sleeper *thread, int signal, int code)
{
	if (signal < 0 || signal > LIBOS_SIGNALS)
		return -EINVAL;
	siginfo_t info = {.si_signo = signal, .si_code = code};
	info.si_pid = PROCESS;
	if (signal)
		libos_signal_send(thread, &info);
	return 0;
}

long libos_sys_kill(int process, int signal)
{
	return process == PROCESS || process == 0 || process == -1 ? send(NULL, signal, SI_USER) : -ESRCH;
}
long libos_sys_tkill(int id, int signal)
{
	struct libos_sleeper *thread = thread_of(id);
	return id <= 0 ? -EINVAL : thread ? send(thread, signal, SI_TKILL) : -ESRCH;
}
long libos_sys_tgkill(int process, int id, int signal)
{
	return process <= 0 ? -EINVAL : process == PROCESS ? libos_sys_tkill(id, signal) : -ESRCH;
}

/* With what the program says of it, as sigqueue(3) does. */
static long queue(struct libos_sleeper *thread, int signal, const siginfo_t *info)
{
	if (signal < 0 || signal > LIBOS_SIGNALS)
		return -EINVAL;
	if (!libos_readable(info, sizeof *info))
		return -EFAULT;
	siginfo_t copy = *info;
	copy.si_signo = signal;
	if (signal)
		libos_signal_send(thread, &copy);
	return 0;
}
long libos_sys_rt_sigqueueinfo(int process, int signal, const siginfo_t *info)
{
	return process == PROCESS ? queue(NULL, signal, info) : -ESRCH;
}
long libos_sys_rt_tgsigqueueinfo(int process, int id, int signal, const siginfo_t *info)
{
	struct libos_sleeper *thread = thread_of(id);
	return process == PROCESS && thread ? queue(thread, signal, info) : -ESRCH;
}

long libos_sys_rt_sigprocmask(int how, const uint64_t *set, uint64_t *old, size_t mask_size)
{
	if (mask_size != sizeof *set)
		return -EINVAL;
	if ((set && !libos_readable(set, sizeof *set)) || (old && !libos_writable(old, sizeof *old)))
		return -EFAULT;
	uint64_t previous = libos_current->blocked;
	if (set) {
		if (how == SIG_BLOCK)
			libos_signal_set_mask(previous | *set);
		else if (how == SIG_UNBLOCK)
			libos_signal_set_mask(previous & ~*set);
		else if (how == SIG_SETMASK)
			libos_signal_set_mask(*set);
		else
			return -EINVAL;
	}
	if (old)
		*old = previous;
	return 0;
}

long libos_sys_rt_sigpending(uint64_t *set, size_t mask_size)
{
	if (mask_size > sizeof *set)
		return -EINVAL;
	if (!libos_writable(set, mask_size))
		return -EFAULT;
	uint64_t pending = libos_signal_pending() & libos_current->blocked;
	libos_memcpy(set, &pending, mask_size);
	return 0;
}

void libos_signal_mask_for_wait(uint64_t mask);

static long sleep_until_signal(void)
{
	long result;
	do
		result = libos_sleep(LIBOS_NEVER);
	while (!result);
	return result;
}

long libos_sys_pause(void)
{
	return sleep_until_signal();
}

long libos_sys_rt_sigsuspend(const uint64_t *set, size_t mask_size)
{
	if (mask_size != sizeof *set)
		return -EINVAL;
	if (!libos_readable(set, sizeof *set))
		return -EFAULT;
	libos_signal_mask_for_wait(*set);
	return sleep_until_signal();
}

long libos_sys_rt_sigtimedwait(const uint64_t *set, siginfo_t *info, const struct __kernel_timespec *timeout, size_t mask_size)
{
	const uint64_t second = 1000000000;
	struct libos_sleeper *self = libos_current;
	uint64_t deadline = LIBOS_NEVER;
	if (mask_size != sizeof *set)
		return -EINVAL;
	if (!libos_readable(set, sizeof *set) || (timeout && !libos_readable(timeout, sizeof *timeout)))
		return -EFAULT;
	if (timeout) {
		if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= (long long)second)
			return -EINVAL;
		if ((uint64_t)timeout->tv_sec < LIBOS_NEVER / second / 4)
			deadline = libos_clock_nanoseconds() + (uint64_t)timeout->tv_sec * second + (uint64_t)timeout->tv_nsec;
	}
	uint64_t wanted = *set, blocked = self->blocked;
	siginfo_t found;
	int signal;
	long result = 0;
	/* what is waited for wakes, and is taken here rather than handled */
	self->awaited = wanted;
	self->blocked = blocked & ~wanted;
	while (!(signal = libos_signal_take(wanted, &found)) && result != -ETIMEDOUT) {
		result = libos_sleep(deadline);
		if (result == -EINTR && !(libos_signal_pending() & wanted))
			break;
	}
	self->awaited = 0;
	self->blocked = blocked;
	if (!signal)
		return result == -ETIMEDOUT ? -EAGAIN : result;
	if (info) {
		if (!libos_writable(info, sizeof *info))
			return -EFAULT;
		*info = found;
	}
	return signal;
}
