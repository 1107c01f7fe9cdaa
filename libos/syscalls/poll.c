/* Waiting for the console. */
#include "file.h"
#include "handlers.h"
#include <linux/poll.h>
#include <linux/time_types.h>

static const uint64_t never = UINT64_MAX;

static long poll_once(struct pollfd *descriptors, size_t count)
{
	long ready = 0;
	for (size_t i = 0; i < count; i++) {
		struct pollfd *poll = &descriptors[i];
		poll->revents = 0;
		if (poll->fd < 0)
			continue;
		if (!libos_file(poll->fd))
			poll->revents = POLLNVAL;
		else
			poll->revents = (short)(poll->events & (POLLOUT | (libos_console_ready() ? POLLIN : 0)));
		ready += poll->revents != 0;
	}
	return ready;
}

static long poll_until(struct pollfd *descriptors, size_t count, uint64_t nanoseconds)
{
	if (count > 1024)
		return -EINVAL;
	if (!libos_writable(descriptors, count * sizeof *descriptors))
		return -EFAULT;
	uint64_t start = nanoseconds == never || !nanoseconds ? 0 : libos_clock_nanoseconds();
	for (;;) {
		long ready = poll_once(descriptors, count);
		if (ready || !nanoseconds)
			return ready;
		uint64_t passed = nanoseconds == never ? 0 : libos_clock_nanoseconds() - start;
		if (passed >= nanoseconds)
			return 0;
		libos_pause(nanoseconds - passed < LIBOS_CONSOLE_INTERVAL ? nanoseconds - passed : LIBOS_CONSOLE_INTERVAL);
	}
}

long libos_sys_poll(struct pollfd *descriptors, size_t count, int milliseconds)
{
	return poll_until(descriptors, count, milliseconds < 0 ? never : (uint64_t)milliseconds * 1000000);
}

long libos_sys_ppoll(struct pollfd *descriptors, size_t count, const struct __kernel_timespec *timeout)
{
	if (!timeout)
		return poll_until(descriptors, count, never);
	if (!libos_readable(timeout, sizeof *timeout))
		return -EFAULT;
	if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000)
		return -EINVAL;
	return poll_until(descriptors, count, (uint64_t)timeout->tv_sec * 1000000000 + (uint64_t)timeout->tv_nsec);
}
