/*
 * Waiting. The kernel is not preempted: it runs until the program goes on or a thread waits here. What can change owns a
 * queue and notifies it; who cares watches it. An image without threads waits here as well: for the CPU's next interrupt.
 */
#ifndef LIBOS_WAIT_H
#define LIBOS_WAIT_H
#include "libos.h"

/* One that watches a queue; the queue calls it, and it stays. Where it is kept is up to its owner: mostly on a stack. */
struct libos_watch {
	struct libos_watch *next, *previous;
	void (*notify)(struct libos_watch *watch);
};
/* All zero is an empty queue. */
struct libos_queue {
	struct libos_watch *first, *last;
};

void libos_watch(struct libos_queue *queue, struct libos_watch *watch);
void libos_unwatch(struct libos_queue *queue, struct libos_watch *watch);
/* Calls all that watch; each may take itself out. */
void libos_notify(struct libos_queue *queue);

#define LIBOS_NEVER UINT64_MAX

/* The caller's thread, to be woken by watches of its own; a wake before the sleep is not lost. */
struct libos_sleeper;
struct libos_sleeper *libos_sleeper(void);
void libos_wake(struct libos_sleeper *sleeper);

/*
 * The caller sleeps until it is woken (0), the deadline has passed (-ETIMEDOUT), or a signal is to be handled (-EINTR).
 * A deadline is a time of libos_clock_nanoseconds, or LIBOS_NEVER. Pointers of the program are to be checked again after it.
 */
long libos_sleep(uint64_t deadline);
/* Sleeps until the queue is notified; who waits looks again whether what it waited for is there. */
long libos_wait(struct libos_queue *queue, uint64_t deadline);
#endif
