/* Clocks and sleeping. */
#include "thread.h"
#include <linux/time.h>
#include <linux/time_types.h>

static const uint64_t second = 1000000000;

uint64_t libos_realtime(void)
{
	static uint64_t boot;
	uint64_t now = libos_clock_nanoseconds();
	if (!boot)
		boot = libos_clock_seconds_since_1970() * second - now;
	return boot + now;
}

/* Clocks of one process or thread, clock_getcpuclockid(3): the bits behind the last three are those of ~id, and id 0 is the caller's. */
static bool read_processor_clock(int clock, uint64_t *now)
{
	enum { OF_THREAD = 4, PROCESS = 1 };
	int id = ~(clock >> 3);
	if ((clock & 3) == 3)
		return false;
	if (!(clock & OF_THREAD)) {
		*now = libos_process_time();
		return id == 0 || id == PROCESS;
	}
	const struct libos_sleeper *thread = id == 0 || id == (int)libos_current->id ? libos_current
					     : libos_thread_of			     ? libos_thread_of(id)
										     : NULL;
	if (thread)
		*now = libos_thread_time ? libos_thread_time(thread) : libos_process_time();
	return thread;
}

bool libos_clock_read(int clock, uint64_t *now)
{
	if (clock < 0)
		return read_processor_clock(clock, now);
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*now = libos_realtime();
		return true;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*now = libos_clock_nanoseconds();
		return true;
	case CLOCK_PROCESS_CPUTIME_ID:
		*now = libos_process_time();
		return true;
	case CLOCK_THREAD_CPUTIME_ID:
		*now = libos_current_time();
		return true;
	}
	return false;
}

long libos_sys_clock_gettime(int clock, struct __kernel_timespec *time)
{
	uint64_t now;
	if (!libos_clock_read(clock, &now))
		return -EINVAL;
	if (!libos_writable(time, sizeof *time))
		return -EFAULT;
	time->tv_sec = (long long)(now / second);
	time->tv_nsec = (long long)(now % second);
	return 0;
}

long libos_sys_clock_getres(int clock, struct __kernel_timespec *resolution)
{
	uint64_t now;
	if (!libos_clock_read(clock, &now))
		return -EINVAL;
	if (!resolution)
		return 0;
	if (!libos_writable(resolution, sizeof *resolution))
		return -EFAULT;
	*resolution = (struct __kernel_timespec){0, 1};
	return 0;
}

long libos_sys_gettimeofday(struct __kernel_old_timeval *time)
{
	if (!time)
		return 0;
	if (!libos_writable(time, sizeof *time))
		return -EFAULT;
	uint64_t now = libos_realtime();
	time->tv_sec = (long)(now / second);
	time->tv_usec = (long)(now % second / 1000);
	return 0;
}

long libos_sys_time(long *time)
{
	long now = (long)(libos_realtime() / second);
	if (time) {
		if (!libos_writable(time, sizeof *time))
			return -EFAULT;
		*time = now;
	}
	return now;
}

static long sleep_until(int clock, const struct __kernel_timespec *time, bool absolute, struct __kernel_timespec *remaining)
{
	uint64_t now;
	if (!libos_clock_read(clock, &now))
		return -EINVAL;
	if (!libos_readable(time, sizeof *time))
		return -EFAULT;
	if (time->tv_sec < 0 || time->tv_nsec < 0 || time->tv_nsec >= (long long)second)
		return -EINVAL;
	uint64_t wanted = time->tv_sec < (long long)(INT64_MAX / second) ? (uint64_t)time->tv_sec * second + (uint64_t)time->tv_nsec : LIBOS_NEVER;
	uint64_t left = !absolute ? wanted : wanted > now ? wanted - now : 0;
	uint64_t start = libos_clock_nanoseconds(), deadline = left < LIBOS_NEVER - start ? start + left : LIBOS_NEVER;
	long result;
	do
		result = libos_sleep(deadline);
	while (!result);
	if (result == -ETIMEDOUT)
		return 0;
	if (remaining && !absolute) {
		if (!libos_writable(remaining, sizeof *remaining))
			return -EFAULT;
		uint64_t end = libos_clock_nanoseconds(); /* which may be after the deadline */
		left = deadline > end ? deadline - end : 0;
		*remaining = (struct __kernel_timespec){(long long)(left / second), (long long)(left % second)};
	}
	return result;
}

long libos_sys_nanosleep(const struct __kernel_timespec *time, struct __kernel_timespec *remaining)
{
	return sleep_until(CLOCK_MONOTONIC, time, false, remaining);
}

/* Not every clock can be slept on (clock_nanosleep(2)). */
long libos_sys_clock_nanosleep(int clock, int flags, const struct __kernel_timespec *time, struct __kernel_timespec *remaining)
{
	if (clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_REALTIME_COARSE)
		return -EOPNOTSUPP;
	return sleep_until(clock, time, flags & TIMER_ABSTIME, remaining);
}
