/* Timers that send signals: setitimer(2), alarm(2), timer_create(2). */
#include "signals.h"
#include "timers.h"
#include <linux/time.h>
#include <linux/time_types.h>

enum { MOST = 64, ALARM = -1, INTERVAL_TIMERS = 3 };
/* CLOCK_PROCESS_CPUTIME_ID, and CLOCK_THREAD_CPUTIME_ID of a thread, as clock_getcpuclockid(3) has them: below 0. */
enum { PROCESSOR_OF_PROCESS = -6, PROCESSOR_OF_THREAD = 6 };
static const uint64_t second = 1000000000, shortest = 1000000;

/* A timer, and what it sends; `thread` is null for the process. */
struct signal_timer {
	struct libos_timer timer;
	uint64_t due, interval; /* by `clock` where that is the CPU's time, and else by libos_clock_nanoseconds */
	bool runs;
	int clock, id, overrun, last_overrun, notify, signal, thread;
	sigval_t value;
};

static struct signal_timer *timers[MOST];
/* What the library OS does for the program is not told from what the program does itself: two of them count the same. */
static struct signal_timer interval_timers[INTERVAL_TIMERS] = {
	[ITIMER_REAL] = {.id = ALARM, .notify = SIGEV_SIGNAL, .signal = SIGALRM},
	[ITIMER_VIRTUAL] = {.id = ALARM, .notify = SIGEV_SIGNAL, .signal = SIGVTALRM, .clock = PROCESSOR_OF_PROCESS},
	[ITIMER_PROF] = {.id = ALARM, .notify = SIGEV_SIGNAL, .signal = SIGPROF, .clock = PROCESSOR_OF_PROCESS},
};

/* The time of a thread that has ended is 0. */
static uint64_t now_of(const struct signal_timer *timer)
{
	uint64_t now = 0;
	if (timer->clock >= 0)
		return libos_clock_nanoseconds();
	libos_clock_read(timer->clock, &now);
	return now;
}

/* The CPU's time passes no faster than the other, so the timer is looked at when it might be due, and again if it is not. */
static void start(struct signal_timer *timer)
{
	uint64_t deadline = timer->due;
	if (timer->clock < 0) {
		uint64_t now = now_of(timer), left = timer->due > now ? timer->due - now : 0;
		deadline = libos_clock_nanoseconds() + (left > shortest ? left : shortest);
	}
	libos_timer_start(&timer->timer, deadline);
}

static void expire(struct libos_timer *timer)
{
	struct signal_timer *self = (struct signal_timer *)timer;
	uint64_t now = now_of(self);
	if (now < self->due) {
		start(self);
		return;
	}
	self->overrun = 0;
	self->runs = self->interval;
	if (self->runs) {
		uint64_t missed = (now - self->due) / self->interval;
		self->overrun = (int)missed;
		self->due += (missed + 1) * self->interval;
		start(self);
	}
	self->last_overrun = self->overrun;
	if (self->notify == SIGEV_NONE)
		return;
	siginfo_t info = {.si_signo = self->signal, .si_code = self->id == ALARM ? SI_KERNEL : SI_TIMER};
	if (self->id != ALARM) {
		info.si_tid = self->id;
		info.si_overrun = self->overrun;
		info._sifields._timer._sigval = self->value;
	}
	struct libos_sleeper *thread = NULL;
	if (self->notify == SIGEV_THREAD_ID) {
		thread = libos_thread_of ? libos_thread_of(self->thread) : libos_current;
		if (!thread)
			return;
	}
	libos_signal_send(thread, &info);
}

/* In how many nanoseconds it expires; 0: it does not run. */
static uint64_t left(const struct signal_timer *timer)
{
	uint64_t now = now_of(timer);
	return !timer->runs ? 0 : timer->due > now ? timer->due - now : 1;
}

static void set(struct signal_timer *timer, uint64_t nanoseconds, uint64_t interval)
{
	libos_timer_stop(&timer->timer);
	timer->timer.expire = expire;
	timer->interval = interval;
	timer->runs = nanoseconds;
	timer->due = now_of(timer) + nanoseconds;
	if (nanoseconds)
		start(timer);
}

static struct __kernel_old_timeval timeval(uint64_t nanoseconds)
{
	return (struct __kernel_old_timeval){(long)(nanoseconds / second), (long)(nanoseconds % second / 1000)};
}

static bool valid(const struct __kernel_old_timeval *time)
{
	return time->tv_sec >= 0 && time->tv_usec >= 0 && time->tv_usec < 1000000 && time->tv_sec < 1L << 32;
}

long libos_sys_getitimer(int which, struct __kernel_old_itimerval *value)
{
	if (which < 0 || which >= INTERVAL_TIMERS)
		return -EINVAL;
	const struct signal_timer *timer = &interval_timers[which];
	if (!libos_writable(value, sizeof *value))
		return -EFAULT;
	*value = (struct __kernel_old_itimerval){timeval(timer->interval), timeval(left(timer))};
	return 0;
}

long libos_sys_setitimer(int which, const struct __kernel_old_itimerval *value, struct __kernel_old_itimerval *old)
{
	if (which < 0 || which >= INTERVAL_TIMERS)
		return -EINVAL;
	if ((value && !libos_readable(value, sizeof *value)) || (old && !libos_writable(old, sizeof *old)))
		return -EFAULT;
	struct __kernel_old_itimerval new = {{0, 0}, {0, 0}};
	if (value)
		new = *value;
	if (!valid(&new.it_value) || !valid(&new.it_interval))
		return -EINVAL;
	if (old)
		libos_sys_getitimer(which, old);
	set(&interval_timers[which], (uint64_t)new.it_value.tv_sec * second + (uint64_t)new.it_value.tv_usec * 1000,
	    (uint64_t)new.it_interval.tv_sec * second + (uint64_t)new.it_interval.tv_usec * 1000);
	return 0;
}

long libos_sys_alarm(unsigned seconds)
{
	uint64_t before = left(&interval_timers[ITIMER_REAL]);
	set(&interval_timers[ITIMER_REAL], seconds * second, 0);
	return (long)((before + second / 2) / second + (before && before < second / 2));
}

static struct signal_timer *timer_of(int id)
{
	return id >= 0 && id < MOST ? timers[id] : NULL;
}

long libos_sys_timer_create(int clock, const struct sigevent *event, int *result)
{
	int id = 0;
	while (id < MOST && timers[id])
		id++;
	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		clock = PROCESSOR_OF_PROCESS;
	else if (clock == CLOCK_THREAD_CPUTIME_ID)
		clock = (int)(~libos_current->id << 3 | PROCESSOR_OF_THREAD);
	uint64_t now;
	if (clock < 0 ? !libos_clock_read(clock, &now) : clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return -EINVAL;
	if ((event && !libos_readable(event, sizeof *event)) || !libos_writable(result, sizeof *result))
		return -EFAULT;
	if (event && ((event->sigev_notify != SIGEV_NONE && (event->sigev_signo < 1 || event->sigev_signo > LIBOS_SIGNALS)) ||
		      event->sigev_notify & ~(SIGEV_NONE | SIGEV_THREAD_ID)))
		return -EINVAL;
	struct signal_timer *timer = id < MOST ? libos_allocate(sizeof *timer) : NULL;
	if (!timer)
		return -EAGAIN;
	timer->id = id;
	timer->clock = clock;
	timer->notify = event ? event->sigev_notify : SIGEV_SIGNAL;
	timer->signal = event ? event->sigev_signo : SIGALRM;
	if (event) {
		timer->value = event->sigev_value;
		timer->thread = event->_sigev_un._tid;
	} else
		timer->value.sival_int = id;
	timers[id] = timer;
	*result = id;
	return 0;
}

static struct __kernel_itimerspec setting(const struct signal_timer *timer)
{
	uint64_t value = left(timer), interval = timer->interval;
	return (struct __kernel_itimerspec){{(long long)(interval / second), (long long)(interval % second)},
					    {(long long)(value / second), (long long)(value % second)}};
}

static bool nanoseconds(const struct __kernel_timespec *time, uint64_t *result)
{
	*result = (uint64_t)time->tv_sec * second + (uint64_t)time->tv_nsec;
	return time->tv_sec >= 0 && time->tv_sec < 1L << 32 && time->tv_nsec >= 0 && time->tv_nsec < (long long)second;
}

long libos_sys_timer_settime(int id, int flags, const struct __kernel_itimerspec *value, struct __kernel_itimerspec *old)
{
	struct signal_timer *timer = timer_of(id);
	if (!value)
		return -EINVAL;
	if (!libos_readable(value, sizeof *value) || (old && !libos_writable(old, sizeof *old)))
		return -EFAULT;
	struct __kernel_itimerspec new = *value;
	uint64_t time, interval;
	if (!timer || !nanoseconds(&new.it_value, &time) || !nanoseconds(&new.it_interval, &interval))
		return -EINVAL;
	if (old)
		*old = setting(timer);
	if (time && flags & TIMER_ABSTIME) {
		uint64_t now = timer->clock == CLOCK_REALTIME ? libos_realtime() : now_of(timer);
		time = time > now ? time - now : 1;
	}
	set(timer, time, interval);
	return 0;
}

long libos_sys_timer_gettime(int id, struct __kernel_itimerspec *value)
{
	struct signal_timer *timer = timer_of(id);
	if (!timer)
		return -EINVAL;
	if (!libos_writable(value, sizeof *value))
		return -EFAULT;
	*value = setting(timer);
	return 0;
}

long libos_sys_timer_getoverrun(int id)
{
	struct signal_timer *timer = timer_of(id);
	return timer ? timer->last_overrun : -EINVAL;
}

long libos_sys_timer_delete(int id)
{
	struct signal_timer *timer = timer_of(id);
	if (!timer)
		return -EINVAL;
	libos_timer_stop(&timer->timer);
	timers[id] = NULL;
	libos_free(timer);
	return 0;
}
