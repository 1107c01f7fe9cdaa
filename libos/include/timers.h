/* What is to be called at a time. */
#ifndef LIBOS_TIMERS_H
#define LIBOS_TIMERS_H
#include "libos.h"

struct libos_timer {
	struct libos_timer *next;
	uint64_t deadline; /* of libos_clock_nanoseconds */
	void (*expire)(struct libos_timer *timer);
};

/* kernel/timers.c */
void libos_timer_start(struct libos_timer *timer, uint64_t deadline);
void libos_timer_stop(struct libos_timer *timer);
#endif
