/* select(2) and pselect6(2): sets of bits, of which those that are not ready are cleared. */
#include "descriptors.h"
#include "poll.h"
#include "signal_mask.h"
#include <linux/time.h>

enum { SETS = 3, WORD_BITS = 64 };
/* What each of the sets asks for, and what counts as ready in it. */
static const short asked[SETS] = {POLLIN | POLLRDNORM, POLLOUT | POLLWRNORM, POLLPRI};
static const short answer[SETS] = {POLLIN | POLLRDNORM | POLLHUP | POLLERR, POLLOUT | POLLWRNORM | POLLERR, POLLPRI};

static long check(uint64_t *const sets[SETS], size_t words)
{
	for (unsigned set = 0; set < SETS; set++)
		if (sets[set] && !libos_writable(sets[set], words * sizeof **sets))
			return -EFAULT;
	return 0;
}

static size_t collect(int count, uint64_t *const sets[SETS], struct pollfd *polls)
{
	size_t used = 0;
	for (int i = 0; i < count; i++) {
		short events = 0;
		for (unsigned set = 0; set < SETS; set++)
			if (sets[set] && sets[set][i / WORD_BITS] >> i % WORD_BITS & 1)
				events = (short)(events | asked[set]);
		if (events)
			polls[used++] = (struct pollfd){.fd = i, .events = events};
	}
	return used;
}

static long hand_back(uint64_t *const sets[SETS], const struct pollfd *polls, size_t used)
{
	long ready = 0;
	for (unsigned set = 0; set < SETS; set++) {
		if (!sets[set])
			continue;
		for (size_t i = 0; i < used; i++) {
			uint64_t bit = 1ull << polls[i].fd % WORD_BITS, *word = &sets[set][polls[i].fd / WORD_BITS];
			bool is_ready = *word & bit && polls[i].revents & answer[set];
			if (!is_ready)
				*word &= ~bit;
			ready += is_ready;
		}
	}
	return ready;
}

static long select_until(int count, uint64_t *const sets[SETS], uint64_t deadline)
{
	if (count < 0)
		return -EINVAL;
	if ((unsigned)count > libos_descriptor_limit)
		count = (int)libos_descriptor_limit;
	size_t words = ((size_t)count + WORD_BITS - 1) / WORD_BITS;
	long result = check(sets, words);
	struct pollfd *polls = result ? NULL : libos_allocate((size_t)(count + 1) * sizeof *polls);
	if (!polls)
		return result ? result : -ENOMEM;
	size_t used = collect(count, sets, polls);
	for (size_t i = 0; i < used; i++)
		if (!libos_file(polls[i].fd))
			result = -EBADF;
	if (!result)
		result = libos_poll(polls, used, deadline);
	if (result >= 0 && !(result = check(sets, words)))
		result = hand_back(sets, polls, used);
	libos_free(polls);
	return result;
}

long libos_sys_select(int count, uint64_t *readable, uint64_t *writable, uint64_t *exceptional, struct __kernel_old_timeval *timeout)
{
	const long microseconds = 1000000;
	struct __kernel_timespec time;
	uint64_t deadline;
	if (timeout) {
		if (!libos_readable(timeout, sizeof *timeout))
			return -EFAULT;
		if (timeout->tv_sec < 0 || timeout->tv_usec < 0)
			return -EINVAL;
		time.tv_sec = timeout->tv_sec + timeout->tv_usec / microseconds;
		time.tv_nsec = timeout->tv_usec % microseconds * 1000;
	}
	if (!libos_deadline(timeout ? &time : NULL, &deadline))
		return -EINVAL;
	return select_until(count, (uint64_t *const[SETS]){readable, writable, exceptional}, deadline);
}

long libos_sys_pselect6(int count, uint64_t *readable, uint64_t *writable, uint64_t *exceptional,
			struct __kernel_timespec *timeout, const uintptr_t *mask)
{
	uint64_t deadline;
	if ((timeout && !libos_readable(timeout, sizeof *timeout)) || (mask && !libos_readable(mask, 2 * sizeof *mask)))
		return -EFAULT;
	if (!libos_deadline(timeout, &deadline))
		return -EINVAL;
	long error = mask ? libos_wait_with_mask((const uint64_t *)mask[0], mask[1]) : 0;
	return error ? error : select_until(count, (uint64_t *const[SETS]){readable, writable, exceptional}, deadline);
}
