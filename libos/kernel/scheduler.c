/* The scheduler: who is ready runs in turn, on one CPU. The kernel gives the CPU away only here. */
#include "thread.h"
#include "device.h"
#include "table.h"

/* How long a thread runs when others are ready, in nanoseconds. */
enum { SLICE = 4000000 };

static struct libos_sleeper *first_ready, *last_ready;
/* Those asleep with a deadline, the earliest first. */
static struct libos_sleeper *first_asleep, *last_asleep;

void libos_make_ready(struct libos_sleeper *thread)
{
	if (!first_ready)
		libos_arm(SLICE); /* whoever runs is not alone any more */
	thread->state = LIBOS_READY;
	thread->next = NULL;
	if (first_ready)
		last_ready->next = thread;
	else
		first_ready = thread;
	last_ready = thread;
}

static void fall_asleep(struct libos_sleeper *thread, uint64_t deadline)
{
	thread->deadline = deadline;
	if (deadline == LIBOS_NEVER)
		return;
	struct libos_sleeper *before = last_asleep;
	while (before && before->deadline > deadline)
		before = before->earlier;
	thread->earlier = before;
	thread->later = before ? before->later : first_asleep;
	*(before ? &before->later : &first_asleep) = thread;
	*(thread->later ? &thread->later->earlier : &last_asleep) = thread;
}

static void rise(struct libos_sleeper *thread)
{
	if (thread->deadline == LIBOS_NEVER)
		return;
	*(thread->earlier ? &thread->earlier->later : &first_asleep) = thread->later;
	*(thread->later ? &thread->later->earlier : &last_asleep) = thread->earlier;
	thread->deadline = LIBOS_NEVER;
}

static void wake_those_due(void)
{
	if (!first_asleep)
		return;
	uint64_t now = libos_clock_nanoseconds();
	while (first_asleep && first_asleep->deadline <= now) {
		struct libos_sleeper *thread = first_asleep;
		rise(thread);
		libos_make_ready(thread);
	}
}

/* When something is to be done although nobody is ready. Devices and timers that have something now may make threads ready. */
static uint64_t next_due(void)
{
	uint64_t device = libos_poll_devices ? libos_poll_devices() : LIBOS_NEVER;
	uint64_t timer = libos_timers_run ? libos_timers_run() : LIBOS_NEVER;
	uint64_t due = device < timer ? device : timer;
	return first_asleep && first_asleep->deadline < due ? first_asleep->deadline : due;
}

/* Nobody is ready: the CPU rests until somebody is. */
static void idle(void)
{
	for (;;) {
		uint64_t due = next_due();
		wake_those_due();
		if (first_ready)
			return;
		uint64_t now = due == LIBOS_NEVER ? 0 : libos_clock_nanoseconds();
		if (due > now)
			libos_rest(due - now);
	}
}

/* Sets the clock for what is due next, with one thread or none that could run. */
static void arm_for_next(void)
{
	uint64_t due = next_due(), now = due == LIBOS_NEVER ? 0 : libos_clock_nanoseconds();
	if (first_ready) /* a device or a timer has just made one so */
		libos_arm(SLICE);
	else if (due != LIBOS_NEVER)
		libos_arm(due > now ? due - now : 0);
}

/* The process's time when the current thread got the CPU; at first the main one has had all of it. */
static uint64_t got_at;

uint64_t libos_thread_time(const struct libos_sleeper *thread)
{
	return thread->time + (thread == libos_current ? libos_process_time() - got_at : 0);
}

/* Gives the CPU to the next one that is ready; who called is ready itself, or will be made so by others. */
static void give_way(void)
{
	struct libos_sleeper *self = libos_current;
	if (!first_ready)
		idle();
	struct libos_sleeper *next = first_ready;
	first_ready = next->next;
	next->state = LIBOS_RUNNING;
	if (first_ready)
		libos_arm(SLICE);
	else
		arm_for_next();
	if (next == self)
		return;
	uint64_t now = libos_process_time();
	self->time += now - got_at;
	got_at = now;
	libos_current = next;
	if (libos_signal_is_due && (next->has_saved || libos_signal_is_due(next)))
		libos_attention |= LIBOS_SIGNAL;
	libos_switch(self, next);
}

void libos_block(uint64_t deadline)
{
	struct libos_sleeper *self = libos_current;
	self->state = LIBOS_BLOCKED;
	self->waits_in = (uint32_t)libos_handler_of((unsigned long)libos_frame_call(libos_caller()));
	fall_asleep(self, deadline);
	give_way();
}

void libos_unblock(struct libos_sleeper *thread)
{
	if (thread->state != LIBOS_BLOCKED)
		return;
	rise(thread);
	libos_make_ready(thread);
}

/* What was due may have been a device's: those that sleep need the clock again. */
void libos_reschedule(void)
{
	wake_those_due();
	if (!first_ready)
		arm_for_next();
	if (!first_ready)
		return;
	libos_make_ready(libos_current);
	give_way();
}

/* The timer's interrupt, while the program ran. */
void libos_preempt(void)
{
	libos_attention |= LIBOS_RESCHEDULE;
}
