/* poll(2) and ppoll(2). */
#include "poll.h"
#include "descriptors.h"
#include "signal_mask.h"

static long poll_until(struct pollfd *program, size_t count, uint64_t deadline)
{
	enum { FEW = 16 };
	struct pollfd few[FEW], *polls = few;
	if (count > libos_descriptor_limit)
		return -EINVAL;
	if (!libos_writable(program, count * sizeof *polls))
		return -EFAULT;
	if (count > FEW && !(polls = libos_allocate(count * sizeof *polls)))
		return -ENOMEM;
	libos_memcpy(polls, program, count * sizeof *polls);
	long result = libos_poll(polls, count, deadline);
	if (result >= 0 && !libos_writable(program, count * sizeof *polls))
		result = -EFAULT;
	for (size_t i = 0; result >= 0 && i < count; i++)
		program[i].revents = polls[i].revents;
	if (polls != few)
		libos_free(polls);
	return result;
}

long libos_sys_poll(struct pollfd *polls, size_t count, int milliseconds)
{
	const uint64_t millisecond = 1000000;
	uint64_t deadline = milliseconds < 0 ? LIBOS_NEVER : 0;
	if (milliseconds > 0)
		deadline = libos_clock_nanoseconds() + (uint64_t)milliseconds * millisecond;
	return poll_until(polls, count, deadline);
}

long libos_sys_ppoll(struct pollfd *polls, size_t count, struct __kernel_timespec *timeout, const uint64_t *mask,
		     size_t mask_size)
{
	uint64_t deadline;
	if (timeout && !libos_readable(timeout, sizeof *timeout))
		return -EFAULT;
	if (!libos_deadline(timeout, &deadline))
		return -EINVAL;
	long error = libos_wait_with_mask(mask, mask_size);
	return error ? error : poll_until(polls, count, deadline);
}
