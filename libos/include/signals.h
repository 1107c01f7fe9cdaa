/* Signals: signal(7). What a program without handlers does not need is a weak reference where it is used. */
#ifndef LIBOS_SIGNALS_H
#define LIBOS_SIGNALS_H
#include "thread.h"
#include <linux/signal.h>

enum { LIBOS_SIGNALS = 64 };
/* On aarch64 the syndrome of an exception goes into the handler's context. */
#define LIBOS_NO_SYNDROME 0u

extern struct sigaction libos_actions[LIBOS_SIGNALS + 1];

static inline uint64_t libos_signal_bit(int signal)
{
	return 1ull << (signal - 1);
}

/* sigset_t is a struct on one architecture, and a number on the other. */
static inline uint64_t *libos_signal_set(sigset_t *set)
{
	return (uint64_t *)set;
}

/* kernel/signals.c */
/* To the thread, or the process if that is null. */
void libos_signal_send(struct libos_sleeper *thread, const siginfo_t *info);
/* The first of these signals that is pending for the current thread, which is so no longer; 0: none. */
int libos_signal_take(uint64_t signals, siginfo_t *info);
uint64_t libos_signal_pending(void);
/* Forgets signals that are ignored from now on. */
void libos_signal_forget(int signal);
bool libos_signal_ignored(int signal);
void libos_signal_set_mask(uint64_t blocked);

/* syscalls/signal_handlers.c, which comes with rt_sigaction: calls the handler; false: its frame cannot be written */
bool libos_signal_handle(struct libos_frame *frame, int signal, siginfo_t *info, uint64_t syndrome) __attribute__((weak));

/* syscalls/signalfd.c: a signal may be there to be read */
void libos_signal_files_notify(void) __attribute__((weak));

/* arch/ARCHITECTURE/signal_frame.c: pushes what the handler and rt_sigreturn need; and takes it back */
bool libos_signal_push(struct libos_frame *frame, uintptr_t stack, int signal, const siginfo_t *info,
		       const struct sigaction *action, uint64_t mask, uint64_t syndrome);
bool libos_signal_pop(struct libos_frame *frame, stack_t *stack, uint64_t *mask);
#endif
