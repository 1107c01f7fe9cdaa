/* futex(2), as a libc calls it. */
#include "case.h"
#include <pthread.h>

enum {
	WAIT = 0,
	WAKE = 1,
	REQUEUE = 3,
	CMP_REQUEUE = 4,
	WAKE_OP = 5,
	WAIT_BITSET = 9,
	WAKE_BITSET = 10,
	PRIVATE = 128,
	REALTIME = 256,
};

static volatile uint32_t word, other;
static volatile int waiting, woken;

static long futex(volatile uint32_t *at, int operation, uint32_t value, const void *timeout, volatile uint32_t *at2, uint32_t value3)
{
	return syscall(SYS_futex, at, operation, value, timeout, at2, value3);
}

struct waiter {
	pthread_t thread;
	int operation;
	uint32_t bits;
	long result;
	int error;
};

static void *wait_on_word(void *argument)
{
	struct waiter *waiter = argument;
	__atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
	waiter->result = futex(&word, waiter->operation, 0, NULL, NULL, waiter->bits);
	waiter->error = errno;
	__atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void start(struct waiter *waiters, int count, int operation, const uint32_t *bits)
{
	word = other = 0;
	waiting = woken = 0;
	for (int i = 0; i < count; i++) {
		waiters[i] = (struct waiter){.operation = operation, .bits = bits ? bits[i] : 0};
		pthread_create(&waiters[i].thread, NULL, wait_on_word, &waiters[i]);
	}
	while (waiting < count)
		sleep_milliseconds(1);
	sleep_milliseconds(150); /* where they wait is not to be seen; a computer may have much else to do */
}

static void finish(struct waiter *waiters, int count)
{
	word = 1;
	while (woken < count) {
		futex(&word, WAKE, 100, NULL, NULL, 0);
		futex(&word, WAKE | PRIVATE, 100, NULL, NULL, 0);
		futex(&other, WAKE, 100, NULL, NULL, 0);
		futex(&other, WAKE | PRIVATE, 100, NULL, NULL, 0);
		sleep_milliseconds(1);
	}
	for (int i = 0; i < count; i++)
		pthread_join(waiters[i].thread, NULL);
}

static int woken_soon(void)
{
	sleep_milliseconds(150);
	return woken;
}

CASE(futex_wait_compares)
{
	word = 5;
	TRY(futex(&word, WAIT, 6, NULL, NULL, 0));
	TRY(futex(&word, WAIT | PRIVATE, 6, NULL, NULL, 0));
	TRY(futex(&word, WAIT_BITSET, 6, NULL, NULL, 1));
	TRY(futex(&word, WAIT_BITSET, 5, NULL, NULL, 0));
}

CASE(futex_wait_times_out)
{
	const struct timespec soon = {0, 20000000}, none = {0, 0}, wrong = {0, 1000000000}, negative = {-1, 0};
	word = 5;
	long before = milliseconds_now();
	TRY(futex(&word, WAIT, 5, &soon, NULL, 0));
	CHECK(milliseconds_now() - before >= 19);
	TRY(futex(&word, WAIT, 5, &none, NULL, 0));
	TRY(futex(&word, WAIT, 5, &wrong, NULL, 0));
	TRY(futex(&word, WAIT, 5, &negative, NULL, 0));
	TRY(futex(&word, WAIT, 5, nowhere, NULL, 0));
}

CASE(futex_wait_bitset_is_to_a_time)
{
	struct timespec when;
	word = 5;
	clock_gettime(CLOCK_MONOTONIC, &when);
	TRY(futex(&word, WAIT_BITSET, 5, &when, NULL, ~0u));
	when.tv_nsec += 20000000;
	when.tv_sec += when.tv_nsec / 1000000000;
	when.tv_nsec %= 1000000000;
	long before = milliseconds_now();
	TRY(futex(&word, WAIT_BITSET | PRIVATE, 5, &when, NULL, ~0u));
	CHECK(milliseconds_now() - before < 2000);
	clock_gettime(CLOCK_REALTIME, &when);
	TRY(futex(&word, WAIT_BITSET | REALTIME, 5, &when, NULL, ~0u));
	when.tv_nsec += 20000000;
	when.tv_sec += when.tv_nsec / 1000000000;
	when.tv_nsec %= 1000000000;
	before = milliseconds_now();
	TRY(futex(&word, WAIT_BITSET | REALTIME | PRIVATE, 5, &when, NULL, ~0u));
	CHECK(milliseconds_now() - before < 2000);
}

CASE(futex_refuses)
{
	word = 5;
	TRY(futex((uint32_t *)((char *)&word + 1), WAIT, 5, NULL, NULL, 0));
	TRY(futex((uint32_t *)((char *)&word + 1), WAKE, 1, NULL, NULL, 0));
	TRY(futex(nowhere, WAIT, 5, NULL, NULL, 0));
	TRY(futex(nowhere, WAIT | PRIVATE, 5, NULL, NULL, 0));
	TRY(futex(&word, 99, 5, NULL, NULL, 0));
	TRY(futex(&word, WAKE_BITSET, 5, NULL, NULL, 0));
	TRY(futex(&word, WAKE | REALTIME, 5, NULL, NULL, 0));
	TRY(futex(&word, REQUEUE, -1, NULL, &other, 0));
}

CASE(futex_wake_counts)
{
	struct waiter waiters[4];
	TRY(futex(&word, WAKE, 1, NULL, NULL, 0));
	start(waiters, 4, WAIT, NULL);
	TRY(futex(&word, WAKE, 1, NULL, NULL, 0));
	printf("%d\n", woken_soon());
	TRY(futex(&word, WAKE, 2, NULL, NULL, 0));
	printf("%d\n", woken_soon());
	TRY(futex(&word, WAKE, INT32_MAX, NULL, NULL, 0));
	printf("%d\n", woken_soon());
	TRY(futex(&word, WAKE, 1, NULL, NULL, 0));
	finish(waiters, 4);
	printf("%ld\n", waiters[0].result);
}

CASE(futex_private_ones)
{
	struct waiter waiters[2];
	start(waiters, 2, WAIT | PRIVATE, NULL);
	TRY(futex(&word, WAKE | PRIVATE, 1, NULL, NULL, 0));
	printf("%d\n", woken_soon());
	TRY(futex(&word, WAKE | PRIVATE, 1, NULL, NULL, 0));
	printf("%d\n", woken_soon());
	finish(waiters, 2);
}

CASE(futex_bits_choose)
{
	struct waiter waiters[3];
	const uint32_t bits[3] = {1, 2, 3};
	start(waiters, 3, WAIT_BITSET, bits);
	TRY(futex(&word, WAKE_BITSET, 10, NULL, NULL, 4));
	printf("%d\n", woken_soon());
	TRY(futex(&word, WAKE_BITSET, 10, NULL, NULL, 2));
	printf("%d\n", woken_soon());
	TRY(futex(&word, WAKE, 10, NULL, NULL, 0));
	printf("%d\n", woken_soon());
	finish(waiters, 3);
}

CASE(futex_requeue_moves)
{
	struct waiter waiters[4];
	start(waiters, 4, WAIT, NULL);
	TRY(futex(&word, REQUEUE, 1, (void *)2L, &other, 0));
	printf("%d\n", woken_soon());
	TRY(futex(&word, WAKE, 10, NULL, NULL, 0));
	printf("%d\n", woken_soon());
	TRY(futex(&other, WAKE, 10, NULL, NULL, 0));
	printf("%d\n", woken_soon());
	finish(waiters, 4);
}

CASE(futex_cmp_requeue_compares)
{
	struct waiter waiters[3];
	start(waiters, 3, WAIT | PRIVATE, NULL);
	TRY(futex(&word, CMP_REQUEUE | PRIVATE, 1, (void *)10L, &other, 7));
	printf("%d\n", woken_soon());
	TRY(futex(&word, CMP_REQUEUE | PRIVATE, 1, (void *)10L, &other, 0));
	printf("%d\n", woken_soon());
	TRY(futex(&other, WAKE | PRIVATE, 10, NULL, NULL, 0));
	printf("%d\n", woken_soon());
	finish(waiters, 3);
}

/* The operation, the comparison and their arguments, packed: futex(2), FUTEX_WAKE_OP. */
static uint32_t pack(uint32_t operation, uint32_t argument, uint32_t comparison, uint32_t compared)
{
	return operation << 28 | comparison << 24 | argument << 12 | compared;
}

CASE(futex_wake_op_changes)
{
	static const char *const names[] = {"set", "add", "or", "andn", "xor"};
	for (uint32_t operation = 0; operation < 5; operation++) {
		other = 6;
		long result = futex(&word, WAKE_OP, 1, (void *)1L, &other, pack(operation, 3, 0, 6));
		printf("%s: %ld %u\n", names[operation], result, other);
	}
	other = 0;
	TRY(futex(&word, WAKE_OP, 1, (void *)1L, &other, pack(8, 4, 0, 0)));
	printf("%u\n", other);
	TRY(futex(&word, WAKE_OP, 1, (void *)1L, &other, pack(7, 0, 0, 0)));
	TRY(futex(&word, WAKE_OP, 1, (void *)1L, &other, pack(0, 0, 9, 0)));
	TRY(futex(&word, WAKE_OP, 1, (void *)1L, nowhere, pack(0, 0, 0, 0)));
}

CASE(futex_wake_op_compares)
{
	struct waiter waiters[2];
	start(waiters, 2, WAIT, NULL);
	other = 5;
	TRY(futex(&other, WAKE_OP, 1, (void *)1L, &word, pack(0, 1, 0, 9)));
	printf("%d\n", woken_soon());
	TRY(futex(&other, WAKE_OP, 1, (void *)1L, &word, pack(0, 2, 0, 1)));
	printf("%d\n", woken_soon());
	TRY(futex(&other, WAKE_OP, 1, (void *)1L, &word, pack(0, 3, 4, 1)));
	printf("%d\n", woken_soon());
	finish(waiters, 2);
}

static void *poke(void *thread)
{
	sleep_milliseconds(30);
	pthread_kill(*(pthread_t *)thread, SIGUSR1);
	return NULL;
}

CASE(futex_wait_is_interrupted)
{
	pthread_t thread, self = pthread_self();
	const struct timespec long_time = {20, 0};
	word = 5;
	count_signal(SIGUSR1, 0);
	pthread_create(&thread, NULL, poke, &self);
	TRY(futex(&word, WAIT, 5, NULL, NULL, 0));
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, poke, &self);
	TRY(futex(&word, WAIT, 5, &long_time, NULL, 0));
	pthread_join(thread, NULL);
	printf("%d\n", handled);
}

CASE(futex_in_a_shared_mapping)
{
	int file = make_file("file", "");
	TRY(ftruncate(file, PAGE));
	volatile uint32_t *one = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	const struct timespec soon = {0, 10000000};
	TRY(futex(one, WAIT, 0, &soon, NULL, 0));
	TRY(futex(one, WAKE, 1, NULL, NULL, 0));
}
