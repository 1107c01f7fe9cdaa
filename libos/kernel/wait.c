/* Waiting, in a program of one thread: for the CPU's next interrupt. */
#include "network.h"
#include "wait.h"

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
struct libos_sleeper {
	bool woken;
};
static struct libos_sleeper only;
struct libos_sleeper *libos_sleeper(void)
{
	return &only;
}
void libos_wake(struct libos_sleeper *sleeper)
{
	sleeper->woken = true;
}
long libos_sleep(uint64_t deadline)
{
	for (;;) {
		uint64_t due = libos_network_idle ? libos_network_idle() : LIBOS_NEVER;
		if (only.woken) {
			only.woken = false;
			return 0;
		}
		uint64_t now = libos_clock_nanoseconds();
		if (now >= deadline)
			return -ETIMEDOUT;
		if (due > deadline)
			due = deadline;
		if (due > now)
			libos_pause(due - now);
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
