/* Timers that send signals: setitimer(2), alarm(2), timer_create(2). */
#include "signals.h"
#include "timers.h"
#include <linux/time.h>
#include <linux/time_types.h>

enum { MOST = 64, ALARM = -1 };
static const uint64_t second = 1000000000;

/* A timer, and what it sends; `thread` is null for the process. */
struct signal_timer {
	struct libos_timer timer;
	uint64_t interval;
	bool runs;
	int clock, id, overrun, last_overrun, notify, signal, thread;
	sigval_t value;
};

static struct signal_timer *timers[MOST];
static struct signal_timer interval_timer = {.id = ALARM, .notify = SIGEV_SIGNAL, .signal = SIGALRM};

static void expire(struct libos_timer *timer)
{
	struct signal_timer *self = (struct signal_timer *)timer;
	uint64_t now = libos_clock_nanoseconds();
	self->overrun = 0;
	self->runs = self->interval;
	if (self->runs) {
		uint64_t missed = (now - timer->deadline) / self->interval;
		self->overrun = (int)missed;
		libos_timer_start(timer, timer->deadline + (missed + 1) * self->interval);
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
	uint64_t now = libos_clock_nanoseconds();
	return !timer->runs ? 0 : timer->timer.deadline > now ? timer->timer.deadline - now : 1;
}

static void set(struct signal_timer *timer, uint64_t nanoseconds, uint64_t interval)
{
	libos_timer_stop(&timer->timer);
	timer->timer.expire = expire;
	timer->interval = interval;
	timer->runs = nanoseconds;
	if (nanoseconds)
		libos_timer_start(&timer->timer, libos_clock_nanoseconds() + nanoseconds);
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
	if (which != ITIMER_REAL)
		return -EINVAL;
	if (!libos_writable(value, sizeof *value))
		return -EFAULT;
	*value = (struct __kernel_old_itimerval){timeval(interval_timer.interval), timeval(left(&interval_timer))};
	return 0;
}

/* Only the one that counts real time: what a program takes of the CPU's time is not counted by a clock of its own. */
long libos_sys_setitimer(int which, const struct __kernel_old_itimerval *value, struct __kernel_old_itimerval *old)
{
	if (which != ITIMER_REAL)
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
	set(&interval_timer, (uint64_t)new.it_value.tv_sec * second + (uint64_t)new.it_value.tv_usec * 1000,
	    (uint64_t)new.it_interval.tv_sec * second + (uint64_t)new.it_interval.tv_usec * 1000);
	return 0;
}

long libos_sys_alarm(unsigned seconds)
{
	uint64_t before = left(&interval_timer);
	set(&interval_timer, seconds * second, 0);
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
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
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
		uint64_t now = timer->clock == CLOCK_REALTIME ? libos_realtime() : libos_clock_nanoseconds();
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
