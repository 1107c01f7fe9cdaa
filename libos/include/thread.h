/* Threads: the main one is there from the start; with clone come others, and the scheduler. */
#ifndef LIBOS_THREAD_H
#define LIBOS_THREAD_H
#include "context.h"
#include "libos.h"
#include "wait.h"

struct libos_queued_signal;
struct libos_pending {
	uint64_t signals;
	struct libos_queued_signal *first;
};

enum libos_thread_state { LIBOS_READY, LIBOS_RUNNING, LIBOS_BLOCKED };

/* What wakes others: only this is seen of a thread by who waits. */
struct libos_sleeper {
	/* A debugger reads the members up to `context`, as src/debug/guestThreads.ts describes them. */
	uint32_t id, state, cpu, waits_in; /* the last: while it is blocked, the address of its system call's handler */
	char name[32];
	struct libos_context context;

	uintptr_t stack_top; /* of the kernel's stack for it */
	void *vectors;	     /* null until there are other threads */
	bool woken;
	uint64_t deadline;
	struct libos_sleeper *next;		   /* ready, or dead */
	struct libos_sleeper *earlier, *later; /* asleep with a deadline */
	uint32_t *clear_at_end;
	void *robust_list;
	struct libos_futex_pi_waiter *pi_blocked_on; /* syscalls/futex_pi.c */
	uint64_t time; /* of the CPU, until it gave way last */

	/* signals: kernel/signals.c */
	uint64_t blocked, awaited; /* awaited: by rt_sigtimedwait */
	struct libos_pending pending;
	uint64_t saved_blocked; /* back when the thread returns to the program, if has_saved */
	bool has_saved;
	struct {
		uintptr_t start;
		size_t size;
		int flags;
	} signal_stack;
};

extern struct libos_sleeper libos_main_thread, *libos_current;

/* kernel/thread.c: what is longer is cut, as by prctl(2), PR_SET_NAME */
enum { LIBOS_THREAD_NAME = 15 };
void libos_thread_rename(struct libos_sleeper *thread, const char *name, size_t length);

/* The program's registers as they were when the current thread entered the kernel. */
static inline struct libos_frame *libos_caller(void)
{
	return (struct libos_frame *)libos_current->stack_top - 1;
}

/* kernel/scheduler.c: it comes with the first call, and the rest is null in an image without threads */
void libos_make_ready(struct libos_sleeper *thread);
void libos_block(uint64_t deadline) __attribute__((weak));
void libos_unblock(struct libos_sleeper *thread) __attribute__((weak));
void libos_preempt(void) __attribute__((weak));
void libos_reschedule(void) __attribute__((weak));
bool libos_thread_end(void) __attribute__((weak)); /* false: it is the only one */
struct libos_sleeper *libos_thread_of(int id) __attribute__((weak));
/* One that has the signal not blocked, or waits for it; null: none. */
struct libos_sleeper *libos_thread_accepting(uint64_t signal) __attribute__((weak));

/* The CPU's time in nanoseconds. kernel/wait.c: what it rested, and what the process took; kernel/scheduler.c: what a thread took */
extern uint64_t libos_rested;
void libos_rest(uint64_t nanoseconds);
uint64_t libos_process_time(void);
uint64_t libos_thread_time(const struct libos_sleeper *thread) __attribute__((weak));
static inline uint64_t libos_current_time(void)
{
	return libos_thread_time ? libos_thread_time(libos_current) : libos_process_time();
}

/* kernel/signals.c; null in a program without signals: whether the thread has one to handle; on the way back to the program */
bool libos_signal_is_due(const struct libos_sleeper *thread) __attribute__((weak));
void libos_signals_deliver(struct libos_frame *frame) __attribute__((weak));
/* syscalls/signal_handlers.c: a signal of an exception; false: the program has no handler for it, or blocks it */
bool libos_signal_fault(struct libos_frame *frame, int signal, int code, uintptr_t address, uint64_t syndrome) __attribute__((weak));

/* kernel/timers.c; null in a program without timers: calls those that are due; when the next one is, or LIBOS_NEVER */
uint64_t libos_timers_run(void) __attribute__((weak));

/* kernel/attend.c: set when the way back to the program leads through libos_attend */
enum { LIBOS_RESCHEDULE = 1, LIBOS_SIGNAL = 2, LIBOS_TIMER = 4, LIBOS_TRIM_SHARES = 8 };
extern uint8_t libos_attention;
void libos_attend(struct libos_frame *frame);

/* kernel/threads.c */
enum { LIBOS_KERNEL_STACK = 16384, LIBOS_MOST_THREADS = 32768 };
long libos_clone(uint64_t flags, uintptr_t stack, int *parent_id, int *child_id, uintptr_t thread_pointer);

/* kernel/stacks.c: the top of a stack for the thread of that place in the table; 0: no memory */
uintptr_t libos_stack_make(uint32_t place);
void libos_stack_give(uintptr_t top);

/* syscalls/futex.c: as FUTEX_WAKE */
long libos_futex_wake(const uint32_t *address, unsigned count) __attribute__((weak));
/* syscalls/futex_pi.c: the current thread ends, and what it owns and others wait for is theirs */
void libos_futex_pi_leave(void) __attribute__((weak));

/* arch/ARCHITECTURE: takes and gives the CPU; the first returns when `from` is switched to again */
void libos_switch(struct libos_sleeper *from, struct libos_sleeper *to);
void libos_start_context(struct libos_sleeper *thread, struct libos_frame *frame, uintptr_t thread_pointer);
void *libos_vectors_allocate(void); /* zeroed, as at the start of a program; null: no memory */
void libos_vectors_free(void *vectors);
void libos_vectors_copy(void *to); /* of the current thread */
void libos_vectors_load(const void *from);
size_t libos_vectors_size(void);
void libos_arm(uint64_t nanoseconds); /* an interrupt, also while the program runs */
#endif
