/* futex(2): sleeping on a word of memory. Without threads there is nobody to wake, but a wait may have a timeout. */
#include "futex.h"

struct libos_futex_queue libos_futex_queues[LIBOS_FUTEX_QUEUES];

void libos_futex_add(struct libos_futex_waiter *waiter, const uint32_t *address)
{
	struct libos_futex_queue *queue = libos_futex_queue_of(address);
	waiter->address = address;
	waiter->next = NULL;
	waiter->previous = queue->last;
	*(queue->last ? &queue->last->next : &queue->first) = waiter;
	queue->last = waiter;
}

void libos_futex_take_out(struct libos_futex_waiter *waiter)
{
	struct libos_futex_queue *queue = libos_futex_queue_of(waiter->address);
	*(waiter->previous ? &waiter->previous->next : &queue->first) = waiter->next;
	*(waiter->next ? &waiter->next->previous : &queue->last) = waiter->previous;
}

static long wait_while(const uint32_t *address, uint32_t value, uint64_t deadline, uint32_t bits)
{
	if (!libos_readable(address, sizeof *address))
		return -EFAULT;
	if (!bits)
		return -EINVAL;
	if (*(const volatile uint32_t *)address != value)
		return -EAGAIN;
	struct libos_futex_waiter waiter = {.bits = bits, .sleeper = libos_sleeper()};
	libos_futex_add(&waiter, address);
	long result = 0;
	while (waiter.sleeper && !result)
		result = libos_sleep(deadline);
	if (!waiter.sleeper)
		return 0;
	libos_futex_take_out(&waiter);
	return result;
}

static long wake(const uint32_t *address, unsigned count, uint32_t bits)
{
	long woken = 0;
	for (struct libos_futex_waiter *waiter = libos_futex_queue_of(address)->first, *next; waiter && woken < count; waiter = next) {
		next = waiter->next;
		if (waiter->address != address)
			continue;
		if (!waiter->bits)
			return -EINVAL;
		if (!(waiter->bits & bits))
			continue;
		struct libos_sleeper *sleeper = waiter->sleeper;
		libos_futex_take_out(waiter);
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
	for (struct libos_futex_waiter *waiter = libos_futex_queue_of(from)->first, *next; waiter && moved < count; waiter = next) {
		next = waiter->next;
		if (waiter->address != from)
			continue;
		if (!waiter->bits)
			return -EINVAL;
		libos_futex_take_out(waiter);
		libos_futex_add(waiter, to);
		moved++;
	}
	return moved;
}

static long sum(long first, long second)
{
	return first < 0 ? first : second < 0 ? second : first + second;
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
	return holds[comparison] ? sum(woken, libos_futex_wake(second, second_count)) : woken;
}

long libos_futex_deadline(const struct __kernel_timespec *timeout, bool absolute, bool realtime, uint64_t *deadline)
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
	int command = operation & ~FUTEX_PRIVATE_FLAG;
	unsigned limit = (unsigned)(uintptr_t)timeout; /* the same parameter, for those that do not wait */
	uint64_t deadline;
	long error;
	if ((uintptr_t)address % sizeof *address)
		return -EINVAL;
	switch (command) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME:
		error = libos_futex_deadline(timeout, command != FUTEX_WAIT, command & FUTEX_CLOCK_REALTIME, &deadline);
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
		return sum(error, move(address, second, limit));
	case FUTEX_WAKE_OP:
		if (!libos_writable(second, sizeof *second))
			return -EFAULT;
		return change_and_wake(address, value, second, limit, third);
	}
	return libos_futex_pi ? libos_futex_pi(address, command, value, timeout, second, third) : -ENOSYS;
}
