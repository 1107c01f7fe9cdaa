/* futex(2): sleeping on a word of memory. Without threads there is nobody to wake, but a wait may have a timeout. */
#include "thread.h"
#include <linux/futex.h>
#include <linux/time_types.h>

enum { QUEUES = 64 };

struct waiter {
	struct waiter *next, *previous;
	const uint32_t *address;
	uint32_t bits;
	struct libos_sleeper *sleeper; /* null once it was woken */
};
static struct {
	struct waiter *first, *last;
} queues[QUEUES];

static unsigned queue_of(const uint32_t *address)
{
	return (unsigned)((uintptr_t)address / sizeof *address % QUEUES);
}

static void add(struct waiter *waiter, const uint32_t *address)
{
	unsigned queue = queue_of(address);
	waiter->address = address;
	waiter->next = NULL;
	waiter->previous = queues[queue].last;
	*(queues[queue].last ? &queues[queue].last->next : &queues[queue].first) = waiter;
	queues[queue].last = waiter;
}

static void take_out(struct waiter *waiter)
{
	unsigned queue = queue_of(waiter->address);
	*(waiter->previous ? &waiter->previous->next : &queues[queue].first) = waiter->next;
	*(waiter->next ? &waiter->next->previous : &queues[queue].last) = waiter->previous;
}

static long wait_while(const uint32_t *address, uint32_t value, uint64_t deadline, uint32_t bits)
{
	if (!libos_readable(address, sizeof *address))
		return -EFAULT;
	if (!bits)
		return -EINVAL;
	if (*(const volatile uint32_t *)address != value)
		return -EAGAIN;
	struct waiter waiter = {.bits = bits, .sleeper = libos_sleeper()};
	add(&waiter, address);
	long result = 0;
	while (waiter.sleeper && !result)
		result = libos_sleep(deadline);
	if (!waiter.sleeper)
		return 0;
	take_out(&waiter);
	return result;
}

static long wake(const uint32_t *address, unsigned count, uint32_t bits)
{
	long woken = 0;
	for (struct waiter *waiter = queues[queue_of(address)].first, *next; waiter && woken < count; waiter = next) {
		next = waiter->next;
		if (waiter->address != address || !(waiter->bits & bits))
			continue;
		struct libos_sleeper *sleeper = waiter->sleeper;
		take_out(waiter);
		waiter->sleeper = NULL;
		libos_wake(sleeper);
		woken++;
	}
	return woken;
}

long libos_futex_wake(const uint32_t *address, unsigned count)
{
	return wake(address, count, FUTEX_BITSET_MATCH_ANY);
}

static long move(const uint32_t *from, const uint32_t *to, unsigned count)
{
	long moved = 0;
	for (struct waiter *waiter = queues[queue_of(from)].first, *next; waiter && moved < count; waiter = next) {
		next = waiter->next;
		if (waiter->address != from)
			continue;
		take_out(waiter);
		add(waiter, to);
		moved++;
	}
	return moved;
}

/* FUTEX_WAKE_OP changes the second word and wakes there too, if a comparison of what was there holds. */
static long change_and_wake(const uint32_t *first, unsigned count, uint32_t *second, unsigned second_count, uint32_t operation)
{
	uint32_t kind = operation >> 28 & 15, comparison = operation >> 24 & 15;
	int argument = (int)(operation << 8) >> 20, compared = (int)(operation << 20) >> 20;
	int old = (int)*second;
	if (kind & FUTEX_OP_OPARG_SHIFT)
		argument = (int)(1u << (argument & 31));
	switch (kind & 7) {
	case FUTEX_OP_SET:
		*second = (uint32_t)argument;
		break;
	case FUTEX_OP_ADD:
		*second = (uint32_t)old + (uint32_t)argument;
		break;
	case FUTEX_OP_OR:
		*second = (uint32_t)(old | argument);
		break;
	case FUTEX_OP_ANDN:
		*second = (uint32_t)(old & ~argument);
		break;
	case FUTEX_OP_XOR:
		*second = (uint32_t)(old ^ argument);
		break;
	default:
		return -ENOSYS;
	}
	const bool holds[] = {old == compared, old != compared, old < compared, old <= compared, old > compared, old >= compared};
	if (comparison >= sizeof holds)
		return -ENOSYS;
	long woken = libos_futex_wake(first, count);
	return holds[comparison] ? woken + libos_futex_wake(second, second_count) : woken;
}

static long deadline_of(const struct __kernel_timespec *timeout, bool absolute, bool realtime, uint64_t *deadline)
{
	const long long second = 1000000000;
	*deadline = LIBOS_NEVER;
	if (!timeout)
		return 0;
	if (!libos_readable(timeout, sizeof *timeout))
		return -EFAULT;
	if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= second)
		return -EINVAL;
	if (timeout->tv_sec > INT64_MAX / second / 2)
		return 0;
	uint64_t now = libos_clock_nanoseconds(), time = (uint64_t)(timeout->tv_sec * second + timeout->tv_nsec);
	uint64_t start = realtime ? libos_realtime() : now;
	*deadline = !absolute ? now + time : time > start ? now + (time - start) : now;
	return 0;
}

long libos_sys_futex(uint32_t *address, int operation, uint32_t value, const struct __kernel_timespec *timeout, uint32_t *second,
		     uint32_t third)
{
	int command = operation & FUTEX_CMD_MASK;
	unsigned limit = (unsigned)(uintptr_t)timeout; /* the same parameter, for those that do not wait */
	uint64_t deadline;
	long error;
	if ((uintptr_t)address % sizeof *address)
		return -EINVAL;
	if (operation & FUTEX_CLOCK_REALTIME && command != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		error = deadline_of(timeout, command == FUTEX_WAIT_BITSET, operation & FUTEX_CLOCK_REALTIME, &deadline);
		return error ? error : wait_while(address, value, deadline, command == FUTEX_WAIT ? FUTEX_BITSET_MATCH_ANY : third);
	case FUTEX_WAKE:
		return libos_futex_wake(address, value);
	case FUTEX_WAKE_BITSET:
		return third ? wake(address, value, third) : -EINVAL;
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
		if ((int)value < 0 || (int)limit < 0)
			return -EINVAL;
		if (!libos_readable(address, sizeof *address) || !libos_readable(second, sizeof *second))
			return -EFAULT;
		if (command == FUTEX_CMP_REQUEUE && *address != third)
			return -EAGAIN;
		error = libos_futex_wake(address, value);
		return error + move(address, second, limit);
	case FUTEX_WAKE_OP:
		if (!libos_writable(second, sizeof *second))
			return -EFAULT;
		return change_and_wake(address, value, second, limit, third);
	}
	return -ENOSYS;
}
