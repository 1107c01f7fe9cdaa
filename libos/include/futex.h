/* Who waits on words of memory: futex(2). */
#ifndef LIBOS_FUTEX_H
#define LIBOS_FUTEX_H
#include "thread.h"
#include <linux/futex.h>
#include <linux/time_types.h>

enum { LIBOS_FUTEX_QUEUES = 64 };

struct libos_futex_waiter {
	struct libos_futex_waiter *next, *previous;
	const uint32_t *address;
	uint32_t bits;		       /* 0: syscalls/futex_pi.c's, which FUTEX_WAKE does not wake */
	struct libos_sleeper *sleeper; /* null once it was woken */
};
struct libos_futex_queue {
	struct libos_futex_waiter *first, *last;
};
/* A queue has the waiters of several words, those of each in the order in which they came. */
extern struct libos_futex_queue libos_futex_queues[LIBOS_FUTEX_QUEUES];

static inline struct libos_futex_queue *libos_futex_queue_of(const uint32_t *address)
{
	return &libos_futex_queues[(uintptr_t)address / sizeof *address % LIBOS_FUTEX_QUEUES];
}

/* syscalls/futex.c */
void libos_futex_add(struct libos_futex_waiter *waiter, const uint32_t *address);
void libos_futex_take_out(struct libos_futex_waiter *waiter);
/* A time of libos_clock_nanoseconds, LIBOS_NEVER where there is no timeout; -EFAULT, -EINVAL. */
long libos_futex_deadline(const struct __kernel_timespec *timeout, bool absolute, bool realtime, uint64_t *deadline);

/* syscalls/futex_pi.c; null in a program without such locks: its operations, with FUTEX_CLOCK_REALTIME; -ENOSYS: another one */
long libos_futex_pi(uint32_t *address, int command, uint32_t value, const struct __kernel_timespec *timeout, uint32_t *second, uint32_t third)
	__attribute__((weak));
#endif
