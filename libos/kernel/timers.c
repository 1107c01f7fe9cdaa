/* Timers: those that run, the earliest first. */
#include "timers.h"
#include "thread.h"

static struct libos_timer *first;

void libos_timer_stop(struct libos_timer *timer)
{
	for (struct libos_timer **next = &first; *next; next = &(*next)->next)
		if (*next == timer) {
			*next = timer->next;
			return;
		}
}

void libos_timer_start(struct libos_timer *timer, uint64_t deadline)
{
	struct libos_timer **next = &first;
	while (*next && (*next)->deadline <= deadline)
		next = &(*next)->next;
	timer->deadline = deadline;
	timer->next = *next;
	*next = timer;
	/* on the way back to the program the clock is set */
	libos_frame_allow_interrupts(libos_caller());
	libos_attention |= LIBOS_TIMER;
}

uint64_t libos_timers_run(void)
{
	while (first && first->deadline <= libos_clock_nanoseconds()) {
		struct libos_timer *timer = first;
		first = timer->next;
		timer->expire(timer);
	}
	return first ? first->deadline : LIBOS_NEVER;
}
