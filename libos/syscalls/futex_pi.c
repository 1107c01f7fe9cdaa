/*
 * Futexes with priority inheritance: futex(2), Documentation/locking/pi-futex.rst. The word has its owner's thread identifier, and
 * FUTEX_WAITERS, so that unlocking comes here. All threads have the same priority, and none is to inherit: the lock is handed to who waits longest.
 */
#include "futex.h"

struct libos_futex_pi_waiter {
	struct libos_futex_waiter futex; /* the first member */
	struct libos_sleeper *owner;	 /* of the lock that it waits for; null: it waits on a condition */
	uint32_t *lock;			 /* that it is to get from the condition */
	long result;			 /* once it was woken */
};

/* Who waits longest; null: nobody. */
static struct libos_futex_waiter *first_of(const uint32_t *word)
{
	struct libos_futex_waiter *waiter = libos_futex_queue_of(word)->first;
	while (waiter && waiter->address != word)
		waiter = waiter->next;
	return waiter;
}

/* The owner of the lock that it waits for; null: it waits for something else. */
static struct libos_sleeper *awaited_owner(struct libos_futex_waiter *waiter)
{
	return waiter->bits ? NULL : ((struct libos_futex_pi_waiter *)waiter)->owner;
}

static void release(struct libos_futex_pi_waiter *waiter, long result)
{
	struct libos_sleeper *thread = waiter->futex.sleeper;
	libos_futex_take_out(&waiter->futex);
	waiter->futex.sleeper = NULL;
	waiter->result = result;
	thread->pi_blocked_on = NULL;
	libos_wake(thread);
}

/* The waiter, its lock's first, becomes the owner. The others then wait for it. */
static void hand_over(struct libos_futex_pi_waiter *waiter, uint32_t flags)
{
	uint32_t *word = waiter->lock;
	struct libos_sleeper *thread = waiter->futex.sleeper;
	if (!libos_writable(word, sizeof *word)) { /* it was unmapped meanwhile */
		release(waiter, -EFAULT);
		return;
	}
	*word = thread->id | FUTEX_WAITERS | flags;
	for (struct libos_futex_waiter *other = waiter->futex.next; other; other = other->next)
		if (other->address == word && awaited_owner(other))
			((struct libos_futex_pi_waiter *)other)->owner = thread;
	release(waiter, 0);
}

void libos_futex_pi_leave(void)
{
	for (unsigned i = 0; i < LIBOS_FUTEX_QUEUES; i++) {
		struct libos_futex_waiter *waiter = libos_futex_queues[i].first;
		while (waiter) {
			bool left = awaited_owner(waiter) == libos_current;
			if (left)
				hand_over((struct libos_futex_pi_waiter *)waiter, FUTEX_OWNER_DIED);
			waiter = left ? libos_futex_queues[i].first : waiter->next;
		}
	}
}

/* 1: the thread has the lock now; 0: it has to wait for the owner; -EDEADLK, -EINVAL, -ESRCH: as FUTEX_LOCK_PI of futex(2). */
static long acquire(uint32_t *word, const struct libos_sleeper *thread, uint32_t flags, struct libos_sleeper **owner)
{
	uint32_t value = *word, id = value & FUTEX_TID_MASK;
	struct libos_futex_waiter *first = first_of(word);
	if (id == thread->id)
		return -EDEADLK;
	if (first) {
		*owner = awaited_owner(first);
		return *owner && (*owner)->id == id ? 0 : -EINVAL;
	}
	if (!id) {
		*word = (value & FUTEX_OWNER_DIED) | thread->id | flags;
		return 1;
	}
	*word = value | FUTEX_WAITERS;
	*owner = libos_thread_of ? libos_thread_of((int)id) : NULL;
	return *owner ? 0 : -ESRCH;
}

/* Whether the owner of a lock waits, itself or through other locks, for one of the thread's. */
static bool waits_for(const struct libos_sleeper *owner, const struct libos_sleeper *thread)
{
	while (owner && owner != thread)
		owner = owner->pi_blocked_on ? owner->pi_blocked_on->owner : NULL;
	return owner;
}

static long wait(struct libos_futex_pi_waiter *waiter, const uint32_t *word, uint64_t deadline)
{
	struct libos_sleeper *self = libos_current;
	long result = 0;
	waiter->futex.sleeper = self;
	self->pi_blocked_on = waiter;
	libos_futex_add(&waiter->futex, word);
	while (waiter->futex.sleeper && !result)
		result = libos_sleep(deadline);
	if (!waiter->futex.sleeper)
		return waiter->result;
	self->pi_blocked_on = NULL;
	libos_futex_take_out(&waiter->futex);
	return result;
}

/* A signal's handler runs, and the call is made again, whether or not SA_RESTART is set: futex(2) has no EINTR for these. */
static long restart_if_interrupted(long result)
{
	return result == -EINTR ? libos_frame_restart(libos_caller()) : result;
}

static long lock(uint32_t *word, bool try, uint64_t deadline)
{
	struct libos_futex_pi_waiter waiter = {.lock = word};
	if (!libos_writable(word, sizeof *word))
		return -EFAULT;
	long result = acquire(word, libos_current, 0, &waiter.owner);
	if (result)
		return result < 0 ? result : 0;
	if (try)
		return -EAGAIN;
	if (waits_for(waiter.owner, libos_current))
		return -EDEADLK;
	return restart_if_interrupted(wait(&waiter, word, deadline));
}

static long unlock(uint32_t *word)
{
	if (!libos_readable(word, sizeof *word))
		return -EFAULT;
	if ((*word & FUTEX_TID_MASK) != libos_current->id)
		return -EPERM;
	if (!libos_writable(word, sizeof *word))
		return -EFAULT;
	struct libos_futex_waiter *first = first_of(word);
	if (!first)
		*word = 0;
	else if (awaited_owner(first) == libos_current)
		hand_over((struct libos_futex_pi_waiter *)first, 0);
	else
		return -EINVAL;
	return 0;
}

static long wait_on_condition(const uint32_t *condition, uint32_t value, uint32_t *lock, uint64_t deadline)
{
	struct libos_futex_pi_waiter waiter = {.lock = lock};
	if (condition == lock || (uintptr_t)lock % sizeof *lock)
		return -EINVAL;
	if (!libos_readable(condition, sizeof *condition) || !libos_writable(lock, sizeof *lock))
		return -EFAULT;
	if (*condition != value)
		return -EAGAIN;
	long result = wait(&waiter, condition, deadline);
	/* Where it waits for the lock already, the condition's value is another by now. */
	return result == -EINTR && waiter.owner ? -EAGAIN : restart_if_interrupted(result);
}

/* Gives the lock to the first that waits on the condition, if it is free, and has `limit` others (one more, if it is not) wait for it. */
static long requeue(const uint32_t *condition, uint32_t count, uint32_t limit, uint32_t *lock, uint32_t value)
{
	if (count != 1 || (int)limit < 0 || condition == lock || (uintptr_t)lock % sizeof *lock)
		return -EINVAL;
	if (!libos_readable(condition, sizeof *condition) || !libos_writable(lock, sizeof *lock))
		return -EFAULT;
	if (*condition != value)
		return -EAGAIN;
	long moved = 0;
	for (struct libos_futex_waiter *futex = libos_futex_queue_of(condition)->first, *next; futex && moved <= limit; futex = next) {
		struct libos_futex_pi_waiter *waiter = (struct libos_futex_pi_waiter *)futex;
		struct libos_sleeper *owner;
		next = futex->next;
		if (futex->address != condition)
			continue;
		if (futex->bits || waiter->owner || waiter->lock != lock)
			return -EINVAL;
		long result = acquire(lock, futex->sleeper, limit ? FUTEX_WAITERS : 0, &owner);
		if (!result && waits_for(owner, futex->sleeper))
			result = -EDEADLK;
		if (result < 0)
			return result;
		if (result) {
			release(waiter, 0);
		} else {
			libos_futex_take_out(futex);
			libos_futex_add(futex, lock);
			waiter->owner = owner;
		}
		moved++;
	}
	return moved;
}

long libos_futex_pi(uint32_t *address, int command, uint32_t value, const struct __kernel_timespec *timeout, uint32_t *second, uint32_t third)
{
	bool realtime = command == FUTEX_LOCK_PI || command & FUTEX_CLOCK_REALTIME;
	uint64_t deadline;
	long error;
	switch (command) {
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
	case FUTEX_LOCK_PI2 | FUTEX_CLOCK_REALTIME:
		error = libos_futex_deadline(timeout, true, realtime, &deadline);
		return error ? error : lock(address, false, deadline);
	case FUTEX_TRYLOCK_PI:
		return lock(address, true, LIBOS_NEVER);
	case FUTEX_UNLOCK_PI:
		return unlock(address);
	case FUTEX_WAIT_REQUEUE_PI:
	case FUTEX_WAIT_REQUEUE_PI | FUTEX_CLOCK_REALTIME:
		error = libos_futex_deadline(timeout, true, realtime, &deadline);
		return error ? error : wait_on_condition(address, value, second, deadline);
	case FUTEX_CMP_REQUEUE_PI:
		return requeue(address, value, (uint32_t)(uintptr_t)timeout, second, third);
	}
	return -ENOSYS;
}
