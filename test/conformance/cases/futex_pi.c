/* Locks with priority inheritance, by futex(2) itself. A word is printed as who owns it, not as a number. */
#include "case.h"
#include <pthread.h>

enum {
	WAIT = 0,
	WAKE = 1,
	REQUEUE = 3,
	LOCK_PI = 6,
	UNLOCK_PI = 7,
	TRYLOCK_PI = 8,
	WAIT_REQUEUE_PI = 11,
	CMP_REQUEUE_PI = 12,
	LOCK_PI2 = 13,
	PRIVATE = 128,
	REALTIME = 256,
};
static const uint32_t waiters = 0x80000000, owner_died = 0x40000000, thread_bits = 0x3fffffff, nobody = 0x3ffffff0;

static volatile uint32_t lock, condition, second_lock;
static volatile int step;

static long futex(volatile uint32_t *at, int operation, uint32_t value, const void *timeout, volatile uint32_t *at2, uint32_t value3)
{
	return syscall(SYS_futex, at, operation, value, timeout, at2, value3);
}

static uint32_t self(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

static void print_word(uint32_t word)
{
	uint32_t owner = word & thread_bits;
	printf("owner: %s%s%s\n", !owner ? "none" : owner == self() ? "self" : "another", word & waiters ? ", waiters" : "",
	       word & owner_died ? ", died" : "");
}

/* Waits until the thread has gone on so far, and then for it to sleep, which is not to be seen. */
static void wait_for_step(int wanted)
{
	while (step < wanted)
		sleep_milliseconds(1);
	sleep_milliseconds(150);
}

CASE(pi_lock_without_others)
{
	lock = 0;
	TRY(futex(&lock, LOCK_PI, 0, NULL, NULL, 0));
	print_word(lock);
	TRY(futex(&lock, LOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(&lock, TRYLOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0));
	print_word(lock);
	TRY(futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(&lock, LOCK_PI2 | PRIVATE, 0, NULL, NULL, 0));
	TRY(futex(&lock, UNLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
	lock = owner_died;
	TRY(futex(&lock, TRYLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
	print_word(lock);
	TRY(futex(&lock, UNLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
	print_word(lock);
}

CASE(pi_lock_refuses)
{
	const struct timespec wrong = {0, 1000000000};
	volatile uint32_t *odd = (uint32_t *)((char *)&lock + 1), *constant = (uint32_t *)map_pages(1, PROT_READ);
	lock = 0;
	TRY(futex(odd, LOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(odd, TRYLOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(nowhere, LOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(nowhere, LOCK_PI2, 0, NULL, NULL, 0));
	TRY(futex(nowhere, TRYLOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(nowhere, UNLOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(constant, LOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(constant, UNLOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(&lock, LOCK_PI, 0, nowhere, NULL, 0));
	TRY(futex(&lock, LOCK_PI, 0, &wrong, NULL, 0));
	TRY(futex(&lock, LOCK_PI | REALTIME, 0, NULL, NULL, 0));
	TRY(futex(&lock, UNLOCK_PI | REALTIME, 0, NULL, NULL, 0));
	lock = nobody;
	TRY(futex(&lock, LOCK_PI, 0, NULL, NULL, 0));
	CHECK(lock == (nobody | waiters));
	TRY(futex(&lock, TRYLOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0));
}

CASE(pi_requeue_refuses)
{
	volatile uint32_t *odd = (uint32_t *)((char *)&lock + 1);
	const struct timespec past = {0, 0};
	condition = 5;
	lock = 0;
	TRY(futex(&condition, WAIT_REQUEUE_PI, 6, NULL, &lock, 0));
	TRY(futex(&condition, WAIT_REQUEUE_PI, 5, NULL, &condition, 0));
	TRY(futex(&condition, WAIT_REQUEUE_PI, 5, NULL, odd, 0));
	TRY(futex(&condition, WAIT_REQUEUE_PI, 5, NULL, nowhere, 0));
	TRY(futex(nowhere, WAIT_REQUEUE_PI, 5, NULL, &lock, 0));
	TRY(futex(&condition, WAIT_REQUEUE_PI, 5, &past, &lock, 0));
	TRY(futex(&condition, WAIT_REQUEUE_PI | REALTIME, 5, &past, &lock, 0));
	TRY(futex(&condition, CMP_REQUEUE_PI, 1, (void *)1L, &lock, 6));
	TRY(futex(&condition, CMP_REQUEUE_PI, 2, (void *)1L, &lock, 5));
	TRY(futex(&condition, CMP_REQUEUE_PI, 1, (void *)-1L, &lock, 5));
	TRY(futex(&condition, CMP_REQUEUE_PI, 1, (void *)1L, &condition, 5));
	TRY(futex(&condition, CMP_REQUEUE_PI, 1, (void *)1L, odd, 5));
	TRY(futex(&condition, CMP_REQUEUE_PI, 1, (void *)1L, nowhere, 5));
	TRY(futex(nowhere, CMP_REQUEUE_PI, 1, (void *)1L, &lock, 5));
	TRY(futex(&condition, CMP_REQUEUE_PI, 1, (void *)1L, &lock, 5));
	print_word(lock);
}

static void *lock_and_say(void *name)
{
	step++;
	long result = futex(&lock, LOCK_PI | PRIVATE, 0, NULL, NULL, 0);
	printf("%s: %ld\n", (char *)name, result);
	print_word(lock);
	futex(&lock, UNLOCK_PI | PRIVATE, 0, NULL, NULL, 0);
	return NULL;
}

CASE(pi_locks_go_to_who_waits_longest)
{
	static char *const names[] = {"first", "second", "third"};
	pthread_t threads[3];
	lock = step = 0;
	TRY(futex(&lock, LOCK_PI | PRIVATE, 0, NULL, NULL, 0));
	for (int i = 0; i < 3; i++) {
		pthread_create(&threads[i], NULL, lock_and_say, names[i]);
		wait_for_step(i + 1);
	}
	print_word(lock);
	TRY(futex(&lock, WAKE | PRIVATE, 1, NULL, NULL, 0));
	TRY(futex(&lock, REQUEUE | PRIVATE, 1, (void *)1L, &second_lock, 0));
	long result = futex(&lock, UNLOCK_PI | PRIVATE, 0, NULL, NULL, 0); /* the threads print now */
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	printf("%ld\n", result);
	print_word(lock);
}

static void *hold(void *argument)
{
	futex(&lock, LOCK_PI, 0, NULL, NULL, 0);
	step = 1;
	while (step == 1)
		sleep_milliseconds(1);
	print_word(lock);
	TRY(futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0));
	print_word(lock);
	return argument;
}

CASE(pi_locks_time_out)
{
	const struct timespec past = {0, 0};
	struct timespec realtime, monotonic;
	pthread_t thread;
	lock = step = 0;
	pthread_create(&thread, NULL, hold, NULL);
	wait_for_step(1);
	TRY(futex(&lock, TRYLOCK_PI, 0, NULL, NULL, 0));
	print_word(lock);
	TRY(futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(&lock, LOCK_PI, 0, &past, NULL, 0));
	realtime = in_milliseconds(30, CLOCK_REALTIME);
	TRY(futex(&lock, LOCK_PI, 0, &realtime, NULL, 0));
	realtime = in_milliseconds(30, CLOCK_REALTIME);
	TRY(futex(&lock, LOCK_PI2 | REALTIME, 0, &realtime, NULL, 0));
	long before = milliseconds_now();
	monotonic = in_milliseconds(30, CLOCK_MONOTONIC);
	TRY(futex(&lock, LOCK_PI2, 0, &monotonic, NULL, 0));
	CHECK(milliseconds_now() - before >= 29);
	step = 2;
	pthread_join(thread, NULL);
}

static void *lock_with_a_signal(void *argument)
{
	step = 1;
	long result = futex(&lock, LOCK_PI, 0, NULL, NULL, 0);
	printf("%ld after %d\n", result, (int)handled);
	print_word(lock);
	TRY(futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0));
	return argument;
}

CASE(pi_locks_go_on_after_a_signal)
{
	pthread_t thread;
	lock = step = 0;
	count_signal(SIGUSR1, 0);
	TRY(futex(&lock, LOCK_PI, 0, NULL, NULL, 0));
	pthread_create(&thread, NULL, lock_with_a_signal, NULL);
	wait_for_step(1);
	pthread_kill(thread, SIGUSR1);
	sleep_milliseconds(100);
	print_word(lock);
	long result = futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0);
	pthread_join(thread, NULL);
	printf("%ld\n", result);
	print_word(lock);
}

static void *lock_both(void *argument)
{
	TRY(futex(&second_lock, LOCK_PI, 0, NULL, NULL, 0));
	step = 1;
	TRY(futex(&lock, LOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(&second_lock, UNLOCK_PI, 0, NULL, NULL, 0));
	return argument;
}

CASE(pi_locks_that_wait_for_each_other)
{
	pthread_t thread;
	lock = second_lock = step = 0;
	TRY(futex(&lock, LOCK_PI, 0, NULL, NULL, 0));
	pthread_create(&thread, NULL, lock_both, NULL);
	wait_for_step(1);
	TRY(futex(&second_lock, LOCK_PI, 0, NULL, NULL, 0));
	print_word(second_lock);
	long result = futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0);
	pthread_join(thread, NULL);
	printf("%ld\n", result);
	print_word(lock);
	print_word(second_lock);
}

static void *end_with_the_lock(void *argument)
{
	futex(&lock, LOCK_PI, 0, NULL, NULL, 0);
	wait_for_step(1);
	return argument;
}

CASE(pi_locks_of_a_thread_that_ended)
{
	pthread_t owner, next;
	lock = step = 0;
	pthread_create(&owner, NULL, end_with_the_lock, NULL);
	while (!lock)
		sleep_milliseconds(1);
	pthread_create(&next, NULL, lock_and_say, "next");
	pthread_join(owner, NULL);
	pthread_join(next, NULL);
	print_word(lock);
}

static void *wait_plainly(void *argument)
{
	step = 1;
	futex(&lock, WAIT, lock, NULL, NULL, 0);
	return argument;
}

CASE(pi_locks_are_no_plain_words)
{
	pthread_t thread;
	step = 0;
	lock = self();
	pthread_create(&thread, NULL, wait_plainly, NULL);
	wait_for_step(1);
	TRY(futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0));
	lock = 0;
	TRY(futex(&lock, LOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(&lock, WAKE, 1, NULL, NULL, 0));
	pthread_join(thread, NULL);
}

static void *wait_on_condition(void *name)
{
	step++;
	long result = futex(&condition, WAIT_REQUEUE_PI, 0, NULL, &lock, 0);
	printf("%s: %ld\n", (char *)name, result);
	print_word(lock);
	if (futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0)) /* the next one prints now */
		puts("still locked");
	return NULL;
}

static void start_waiting(pthread_t *threads, int count)
{
	static char *const names[] = {"first", "second", "third"};
	lock = condition = step = 0;
	for (int i = 0; i < count; i++) {
		pthread_create(&threads[i], NULL, wait_on_condition, names[i]);
		wait_for_step(i + 1);
	}
}

CASE(pi_requeue_while_the_lock_is_held)
{
	pthread_t threads[3];
	start_waiting(threads, 3);
	TRY(futex(&lock, LOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(&condition, WAKE, 1, NULL, NULL, 0));
	TRY(futex(&condition, CMP_REQUEUE_PI, 1, (void *)1L, &second_lock, 0));
	TRY(futex(&condition, CMP_REQUEUE_PI, 1, (void *)1L, &lock, 0));
	print_word(lock);
	TRY(futex(&condition, CMP_REQUEUE_PI, 1, (void *)10L, &lock, 0));
	TRY(futex(&condition, CMP_REQUEUE_PI, 1, (void *)10L, &lock, 0));
	long result = futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	printf("%ld\n", result);
	print_word(lock);
}

CASE(pi_requeue_while_the_lock_is_free)
{
	pthread_t threads[2];
	start_waiting(threads, 1);
	long result = futex(&condition, CMP_REQUEUE_PI, 1, NULL, &lock, 0);
	pthread_join(threads[0], NULL);
	printf("%ld\n", result);
	print_word(lock);
	start_waiting(threads, 2);
	result = futex(&condition, CMP_REQUEUE_PI, 1, (void *)10L, &lock, 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	printf("%ld\n", result);
	print_word(lock);
}

static void *wait_for_so_long(void *argument)
{
	struct timespec when = in_milliseconds(30, CLOCK_MONOTONIC);
	when.tv_sec++;
	step = 1;
	TRY(futex(&condition, WAIT_REQUEUE_PI, 0, &when, &lock, 0));
	print_word(lock);
	return argument;
}

CASE(pi_requeue_times_out_at_the_lock)
{
	pthread_t thread;
	lock = condition = step = 0;
	TRY(futex(&lock, LOCK_PI, 0, NULL, NULL, 0));
	pthread_create(&thread, NULL, wait_for_so_long, NULL);
	wait_for_step(1);
	TRY(futex(&condition, CMP_REQUEUE_PI, 1, (void *)1L, &lock, 0));
	pthread_join(thread, NULL);
	TRY(futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0));
	print_word(lock);
}

CASE(pi_requeue_and_signals)
{
	pthread_t thread;
	lock = condition = step = 0;
	count_signal(SIGUSR1, 0);
	TRY(futex(&lock, LOCK_PI, 0, NULL, NULL, 0));
	pthread_create(&thread, NULL, wait_for_so_long, NULL);
	wait_for_step(1);
	pthread_kill(thread, SIGUSR1); /* it waits on the condition again */
	sleep_milliseconds(100);
	TRY(futex(&condition, CMP_REQUEUE_PI, 1, (void *)1L, &lock, 0));
	pthread_kill(thread, SIGUSR1); /* at the lock it does not */
	pthread_join(thread, NULL);
	printf("%d\n", (int)handled);
	TRY(futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0));
}
