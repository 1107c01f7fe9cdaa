/* Queues, and sleeping until one of them is notified. */
#include "wait.h"
#include "device.h"
#include "thread.h"

void libos_watch(struct libos_queue *queue, struct libos_watch *watch)
{
	watch->next = NULL;
	watch->previous = queue->last;
	if (queue->last)
		queue->last->next = watch;
	else
		queue->first = watch;
	queue->last = watch;
}

void libos_unwatch(struct libos_queue *queue, struct libos_watch *watch)
{
	if (watch->previous)
		watch->previous->next = watch->next;
	else
		queue->first = watch->next;
	if (watch->next)
		watch->next->previous = watch->previous;
	else
		queue->last = watch->previous;
}

void libos_notify(struct libos_queue *queue)
{
	for (struct libos_watch *watch = queue->first, *next; watch; watch = next) {
		next = watch->next;
		watch->notify(watch);
	}
}

struct libos_sleeper *libos_sleeper(void)
{
	return libos_current;
}

void libos_wake(struct libos_sleeper *sleeper)
{
	sleeper->woken = true;
	if (libos_unblock)
		libos_unblock(sleeper);
}

uint64_t libos_rested;

/* Nobody has anything to do: the CPU waits for an interrupt. */
void libos_rest(uint64_t nanoseconds)
{
	uint64_t start = libos_clock_nanoseconds();
	libos_pause(nanoseconds);
	libos_rested += libos_clock_nanoseconds() - start;
}

uint64_t libos_process_time(void)
{
	return libos_clock_nanoseconds() - libos_rested;
}

long libos_sleep(uint64_t deadline)
{
	struct libos_sleeper *self = libos_current;
	for (;;) {
		if (libos_before_sleep)
			libos_before_sleep();
		uint64_t until = libos_poll_devices ? libos_poll_devices() : LIBOS_NEVER;
		uint64_t timer = libos_timers_run ? libos_timers_run() : LIBOS_NEVER;
		until = until < timer ? until : timer;
		if (until > deadline)
			until = deadline;
		if (self->woken) {
			self->woken = false;
			return 0;
		}
		if (libos_signal_is_due && libos_signal_is_due(self))
			return -EINTR;
		uint64_t now = until == LIBOS_NEVER ? 0 : libos_clock_nanoseconds();
		if (now >= deadline)
			return -ETIMEDOUT;
		if (libos_block)
			libos_block(deadline);
		else if (until > now)
			libos_rest(until - now);
	}
}

struct waiting {
	struct libos_watch watch;
	struct libos_sleeper *sleeper;
};

static void wake(struct libos_watch *watch)
{
	libos_wake(((struct waiting *)watch)->sleeper);
}

long libos_wait(struct libos_queue *queue, uint64_t deadline)
{
	struct waiting waiting = {{.notify = wake}, libos_sleeper()};
	libos_watch(queue, &waiting.watch);
	long result = libos_sleep(deadline);
	libos_unwatch(queue, &waiting.watch);
	return result;
}
