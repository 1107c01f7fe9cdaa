/* timerfd_create(2): timers that are read. Those that are armed are in a list; who waits for files sleeps no longer than to the first. */
#include "readiness.h"
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/time.h>
#include <linux/timerfd.h>

struct timer {
	struct libos_file file;
	struct timer *next;	/* in `armed` */
	uint64_t due, interval; /* nanoseconds of libos_clock_nanoseconds; due 0: not armed */
	bool realtime;
	bool told; /* those that watch it know that it is due */
};
static struct timer *armed;
static const uint64_t second = 1000000000;
static const struct libos_file_kind kind;

static void disarm(struct timer *timer)
{
	for (struct timer **link = &armed; *link; link = &(*link)->next)
		if (*link == timer) {
			*link = timer->next;
			break;
		}
	timer->due = 0;
}

static void arm(struct timer *timer, uint64_t due)
{
	timer->due = due ? due : 1;
	timer->told = false;
	timer->next = armed;
	armed = timer;
}

uint64_t libos_timers_next(void)
{
	uint64_t next = LIBOS_NEVER;
	for (const struct timer *timer = armed; timer; timer = timer->next)
		if (!timer->told && timer->due < next && timer->file.changed.first)
			next = timer->due;
	return next;
}

void libos_timers_notify(void)
{
	uint64_t now = libos_clock_nanoseconds();
	for (struct timer *timer = armed; timer; timer = timer->next)
		if (timer->due <= now && !timer->told) {
			timer->told = true;
			libos_notify(&timer->file.changed);
		}
}

static uint64_t expirations(const struct timer *timer)
{
	uint64_t now = libos_clock_nanoseconds();
	if (!timer->due || timer->due > now)
		return 0;
	return timer->interval ? (now - timer->due) / timer->interval + 1 : 1;
}

static long read_timer(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	struct timer *timer = (struct timer *)file;
	uint64_t count;
	(void)offset;
	if (size < sizeof count)
		return -EINVAL;
	while (!(count = expirations(timer))) {
		if (file->flags & O_NONBLOCK)
			return -EAGAIN;
		long error = libos_wait(&file->changed, timer->due ? timer->due : LIBOS_NEVER);
		if (error && error != -ETIMEDOUT)
			return error;
	}
	if (!libos_writable(buffer, sizeof count))
		return -EFAULT;
	libos_memcpy(buffer, &count, sizeof count);
	if (timer->interval)
		timer->due += count * timer->interval;
	else
		disarm(timer);
	timer->told = false;
	return sizeof count;
}

static unsigned timer_ready(struct libos_file *file)
{
	return expirations((struct timer *)file) ? POLLIN | POLLRDNORM : 0;
}

static void close_timer(struct libos_file *file)
{
	disarm((struct timer *)file);
	libos_free(file);
}

static const struct libos_file_kind kind = {.read = read_timer, .ready = timer_ready, .close = close_timer};

static struct timer *timer_of(int descriptor, long *error)
{
	struct libos_file *file = libos_file(descriptor);
	*error = !file ? -EBADF : file->kind != &kind ? -EINVAL : 0;
	return (struct timer *)file;
}

static struct __kernel_timespec time_of(uint64_t nanoseconds)
{
	return (struct __kernel_timespec){(long long)(nanoseconds / second), (long long)(nanoseconds % second)};
}

static struct __kernel_itimerspec setting_of(const struct timer *timer)
{
	uint64_t now = libos_clock_nanoseconds(), left = 0;
	if (timer->due > now)
		left = timer->due - now;
	else if (timer->due && timer->interval)
		left = timer->interval - (now - timer->due) % timer->interval;
	return (struct __kernel_itimerspec){time_of(timer->interval), time_of(left)};
}

long libos_sys_timerfd_create(int clock, unsigned flags)
{
	bool realtime = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM;
	if (!realtime && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME && clock != CLOCK_BOOTTIME_ALARM)
		return -EINVAL;
	if (flags & ~(TFD_CLOEXEC | TFD_NONBLOCK))
		return -EINVAL;
	struct timer *timer = libos_allocate(sizeof *timer);
	if (!timer)
		return -ENOMEM;
	timer->file = (struct libos_file){.kind = &kind, .references = 1, .flags = O_RDWR | (flags & TFD_NONBLOCK)};
	timer->realtime = realtime;
	return libos_descriptor_add(&timer->file, flags & TFD_CLOEXEC);
}

static bool is_time(const struct __kernel_timespec *time)
{
	return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < (long long)second;
}

long libos_sys_timerfd_settime(int descriptor, unsigned flags, const struct __kernel_itimerspec *new, struct __kernel_itimerspec *old)
{
	long error;
	struct timer *timer = timer_of(descriptor, &error);
	if (error)
		return error;
	if (!libos_readable(new, sizeof *new) || (old && !libos_writable(old, sizeof *old)))
		return -EFAULT;
	if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) || !is_time(&new->it_value) || !is_time(&new->it_interval))
		return -EINVAL;
	struct __kernel_itimerspec wanted = *new;
	if (old)
		*old = setting_of(timer);
	disarm(timer);
	timer->interval = (uint64_t)wanted.it_interval.tv_sec * second + (uint64_t)wanted.it_interval.tv_nsec;
	uint64_t value = (uint64_t)wanted.it_value.tv_sec * second + (uint64_t)wanted.it_value.tv_nsec;
	if (value) {
		uint64_t now = libos_clock_nanoseconds();
		if (!(flags & TFD_TIMER_ABSTIME))
			value += now;
		else if (timer->realtime) {
			uint64_t boot = libos_realtime() - now;
			value = value > boot ? value - boot : 1;
		}
		arm(timer, value);
	}
	libos_notify(&timer->file.changed);
	return 0;
}

long libos_sys_timerfd_gettime(int descriptor, struct __kernel_itimerspec *setting)
{
	long error;
	const struct timer *timer = timer_of(descriptor, &error);
	if (error)
		return error;
	if (!libos_writable(setting, sizeof *setting))
		return -EFAULT;
	*setting = setting_of(timer);
	return 0;
}
