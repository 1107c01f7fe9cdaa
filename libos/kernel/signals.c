/* Signals that are sent and pending, and what they do on the way back to the program: signal(7). */
#include "signals.h"
#include "file.h"
#include <asm/unistd.h>

struct libos_queued_signal {
	struct libos_queued_signal *next;
	siginfo_t info;
};

enum { FIRST_REAL_TIME = 32 };

struct sigaction libos_actions[LIBOS_SIGNALS + 1];
static struct libos_pending of_process;

bool libos_signal_ignored(int signal)
{
	if (libos_actions[signal].sa_handler == SIG_IGN)
		return true;
	return libos_actions[signal].sa_handler == SIG_DFL &&
	       (signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT);
}

uint64_t libos_signal_pending(void)
{
	return libos_current->pending.signals | of_process.signals;
}

bool libos_signal_is_due(const struct libos_sleeper *thread)
{
	return (thread->pending.signals | of_process.signals) & ~thread->blocked;
}

static void add(struct libos_pending *pending, const siginfo_t *info)
{
	uint64_t bit = libos_signal_bit(info->si_signo);
	if (pending->signals & bit && info->si_signo < FIRST_REAL_TIME)
		return;
	pending->signals |= bit;
	struct libos_queued_signal *queued = libos_allocate(sizeof *queued), **last = &pending->first;
	if (!queued) /* it arrives, without what is known of it */
		return;
	while (*last)
		last = &(*last)->next;
	queued->info = *info;
	*last = queued;
}

static bool take(struct libos_pending *pending, int signal, siginfo_t *info)
{
	uint64_t bit = libos_signal_bit(signal);
	bool found = false, more = false;
	if (!(pending->signals & bit))
		return false;
	for (struct libos_queued_signal **next = &pending->first, *queued; (queued = *next);) {
		if (queued->info.si_signo != signal) {
			next = &queued->next;
			continue;
		}
		more = found;
		if (found)
			break;
		found = true;
		*info = queued->info;
		*next = queued->next;
		libos_free(queued);
	}
	if (!more)
		pending->signals &= ~bit;
	if (!found) {
		libos_memset(info, 0, sizeof *info);
		info->si_signo = signal;
	}
	return true;
}

int libos_signal_take(uint64_t signals, siginfo_t *info)
{
	uint64_t found = libos_signal_pending() & signals;
	if (!found)
		return 0;
	int signal = __builtin_ctzll(found) + 1;
	if (!take(&libos_current->pending, signal, info))
		take(&of_process, signal, info);
	return signal;
}

void libos_signal_forget(int signal)
{
	siginfo_t info;
	while (take(&libos_current->pending, signal, &info) || take(&of_process, signal, &info))
		;
}

static bool accepts(const struct libos_sleeper *thread, uint64_t bit)
{
	return !(thread->blocked & ~thread->awaited & bit);
}

void libos_signal_send(struct libos_sleeper *thread, const siginfo_t *info)
{
	uint64_t bit = libos_signal_bit(info->si_signo);
	struct libos_sleeper *receiver = thread ? thread : libos_current;
	if (!thread && !accepts(receiver, bit) && libos_thread_accepting)
		receiver = libos_thread_accepting(bit);
	if (libos_signal_ignored(info->si_signo) && receiver && !(receiver->blocked & bit))
		return;
	add(thread ? &thread->pending : &of_process, info);
	if (libos_signal_files_notify)
		libos_signal_files_notify();
	if (!receiver || !accepts(receiver, bit))
		return;
	if (receiver == libos_current)
		libos_attention |= LIBOS_SIGNAL;
	if (libos_unblock)
		libos_unblock(receiver);
}

void libos_signal_pipe(void)
{
	siginfo_t info = {.si_signo = SIGPIPE, .si_code = SI_USER};
	info.si_pid = 1;
	libos_signal_send(libos_current, &info);
}

void libos_signal_set_mask(uint64_t blocked)
{
	libos_current->blocked = blocked & ~(libos_signal_bit(SIGKILL) | libos_signal_bit(SIGSTOP));
	if (libos_current->has_saved || libos_signal_is_due(libos_current))
		libos_attention |= LIBOS_SIGNAL;
}

void libos_signal_mask_for_wait(uint64_t mask);
void libos_signal_mask_for_wait(uint64_t mask)
{
	libos_current->saved_blocked = libos_current->blocked;
	libos_current->has_saved = true;
	libos_signal_set_mask(mask);
}

static _Noreturn void terminate(const struct libos_frame *frame, int signal)
{
	if (signal == SIGABRT)
		libos_crash(frame, signal, "aborted");
	libos_print("\n*** unikernel ended by signal ");
	libos_print_decimal((uint64_t)signal);
	libos_print("\n");
	libos_finish(LIBOS_CRASHED, 128 + (uint32_t)signal);
}

/* Whether a call that a signal has ended goes on after the handler: not those that signal(7) lists, which have a timeout. */
static bool can_restart(long number)
{
	static const uint16_t never[] = {
		LIBOS_NEVER_RESTARTED __NR_ppoll, __NR_pselect6, __NR_epoll_pwait, __NR_nanosleep, __NR_clock_nanosleep, __NR_rt_sigsuspend, __NR_rt_sigtimedwait,
	};
	for (unsigned i = 0; i < sizeof never / sizeof *never; i++)
		if (never[i] == number)
			return false;
	return true;
}

void libos_signals_deliver(struct libos_frame *frame)
{
	struct libos_sleeper *self = libos_current;
	siginfo_t info;
	for (;;) {
		int signal = libos_signal_take(~self->blocked, &info);
		if (!signal) {
			if (!self->has_saved)
				return;
			self->has_saved = false;
			self->blocked = self->saved_blocked;
			continue;
		}
		const struct sigaction *action = &libos_actions[signal];
		if (libos_signal_ignored(signal))
			continue;
		if (action->sa_handler == SIG_DFL || !libos_signal_handle)
			terminate(frame, signal);
		if (libos_frame_interrupted(frame) && action->sa_flags & SA_RESTART && can_restart(libos_frame_call(frame)))
			libos_frame_restart(frame);
		if (!libos_signal_handle(frame, signal, &info, LIBOS_NO_SYNDROME))
			libos_crash(frame, SIGSEGV, "no room on the stack for a signal's handler");
	}
}
