/* Signals that the program sends to itself. One with a handler cannot be delivered yet: ENOSYS. */
#include "handlers.h"
#include "thread.h"
#include <asm/signal.h>
#include <linux/signal.h>

enum { SIGNALS = 64, PROCESS = 1 };

static struct sigaction actions[SIGNALS + 1];
static uint64_t blocked, pending;

static uint64_t bit(int signal)
{
	return 1ull << (signal - 1);
}

static bool ignored(int signal)
{
	if (actions[signal].sa_handler == SIG_IGN)
		return true;
	return actions[signal].sa_handler == SIG_DFL &&
	       (signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT);
}

static void terminate_by(int signal)
{
	if (signal == SIGABRT)
		libos_crash(libos_caller(), signal, "aborted");
	libos_print("\n*** unikernel ended by signal ");
	libos_print_decimal((uint64_t)signal);
	libos_print("\n");
	libos_finish(LIBOS_CRASHED, 128 + (uint32_t)signal);
}

static long send(int signal)
{
	if (signal < 0 || signal > SIGNALS)
		return -EINVAL;
	if (!signal || ignored(signal))
		return 0;
	if (actions[signal].sa_handler != SIG_DFL)
		return -ENOSYS;
	if (blocked & bit(signal) && signal != SIGKILL && signal != SIGSTOP)
		pending |= bit(signal);
	else
		terminate_by(signal);
	return 0;
}

long libos_sys_kill(int process, int signal)
{
	return process == PROCESS || process == 0 || process == -1 ? send(signal) : -ESRCH;
}
long libos_sys_tkill(int thread, int signal)
{
	return thread == PROCESS ? send(signal) : -ESRCH;
}
long libos_sys_tgkill(int process, int thread, int signal)
{
	return process == PROCESS && thread == PROCESS ? send(signal) : -ESRCH;
}

long libos_sys_rt_sigaction(int signal, const struct sigaction *action, struct sigaction *old, size_t mask_size)
{
	if (signal < 1 || signal > SIGNALS || mask_size != sizeof(sigset_t))
		return -EINVAL;
	if (action && (signal == SIGKILL || signal == SIGSTOP))
		return -EINVAL;
	if ((action && !libos_readable(action, sizeof *action)) || (old && !libos_writable(old, sizeof *old)))
		return -EFAULT;
	struct sigaction previous = actions[signal];
	if (action)
		actions[signal] = *action;
	if (old)
		*old = previous;
	return 0;
}

long libos_sys_rt_sigprocmask(int how, const uint64_t *set, uint64_t *old, size_t mask_size)
{
	if (mask_size != sizeof *set)
		return -EINVAL;
	if ((set && !libos_readable(set, sizeof *set)) || (old && !libos_writable(old, sizeof *old)))
		return -EFAULT;
	uint64_t previous = blocked;
	if (set) {
		if (how == SIG_BLOCK)
			blocked |= *set;
		else if (how == SIG_UNBLOCK)
			blocked &= ~*set;
		else if (how == SIG_SETMASK)
			blocked = *set;
		else
			return -EINVAL;
	}
	if (old)
		*old = previous;
	for (int signal = 1; signal <= SIGNALS; signal++)
		if (pending & ~blocked & bit(signal)) {
			pending &= ~bit(signal);
			if (!ignored(signal))
				terminate_by(signal);
		}
	return 0;
}
