/* Mutexes with priority inheritance, and robust ones, through pthreads. */
#include "case.h"
#include <pthread.h>
#include <sched.h>

static pthread_mutex_t mutex;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static volatile int step;

static void make_mutex(int protocol, int type, int robust)
{
	pthread_mutexattr_t attributes;
	pthread_mutexattr_init(&attributes);
	TRY(pthread_mutexattr_setprotocol(&attributes, protocol));
	pthread_mutexattr_settype(&attributes, type);
	TRY(pthread_mutexattr_setrobust(&attributes, robust));
	TRY(pthread_mutex_init(&mutex, &attributes));
	step = 0;
}

static void *add(void *argument)
{
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&mutex);
		int before = step;
		if (i % 100 == 0)
			sched_yield();
		step = before + 1;
		pthread_mutex_unlock(&mutex);
	}
	return argument;
}

CASE(pi_mutexes_exclude)
{
	pthread_t threads[8];
	make_mutex(PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED);
	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, add, NULL);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	printf("%d\n", step);
	TRY(pthread_mutex_destroy(&mutex));
}

static void *try_mutex(void *argument)
{
	struct timespec when = in_milliseconds(30, CLOCK_REALTIME);
	printf("%s\n", error_name(pthread_mutex_trylock(&mutex)));
	printf("%s\n", error_name(pthread_mutex_timedlock(&mutex, &when)));
	printf("%s\n", error_name(pthread_mutex_unlock(&mutex)));
	return argument;
}

CASE(pi_mutexes_of_every_type)
{
	static const int types[] = {PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_RECURSIVE};
	pthread_t thread;
	for (int i = 0; i < 2; i++) {
		make_mutex(PTHREAD_PRIO_INHERIT, types[i], PTHREAD_MUTEX_STALLED);
		TRY(pthread_mutex_lock(&mutex));
		pthread_create(&thread, NULL, try_mutex, NULL);
		pthread_join(thread, NULL);
		int again = pthread_mutex_lock(&mutex);
		printf("%s\n", again ? error_name(again) : "locked twice");
		if (!again)
			TRY(pthread_mutex_unlock(&mutex));
		TRY(pthread_mutex_unlock(&mutex));
	}
}

static void *end_with_mutex(void *argument)
{
	pthread_mutex_lock(&mutex);
	step = 1;
	sleep_milliseconds((long)argument);
	return NULL;
}

static void leave_mutexes(int protocol)
{
	pthread_t thread;
	for (long milliseconds = 0; milliseconds < 200; milliseconds += 150) { /* it has ended; it is waited for */
		make_mutex(protocol, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
		pthread_create(&thread, NULL, end_with_mutex, (void *)milliseconds);
		while (!step)
			sched_yield();
		if (!milliseconds)
			pthread_join(thread, NULL);
		printf("%s\n", error_name(pthread_mutex_lock(&mutex)));
		TRY(pthread_mutex_consistent(&mutex));
		TRY(pthread_mutex_unlock(&mutex));
		TRY(pthread_mutex_lock(&mutex));
		TRY(pthread_mutex_unlock(&mutex));
		if (milliseconds)
			pthread_join(thread, NULL);
	}
	make_mutex(protocol, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
	pthread_create(&thread, NULL, end_with_mutex, NULL);
	pthread_join(thread, NULL);
	printf("%s\n", error_name(pthread_mutex_trylock(&mutex)));
	TRY(pthread_mutex_unlock(&mutex)); /* not made consistent */
	CHECK(pthread_mutex_lock(&mutex) == ENOTRECOVERABLE);
}

CASE(robust_mutexes)
{
	leave_mutexes(PTHREAD_PRIO_NONE);
}

CASE(pi_mutexes_that_are_robust)
{
	leave_mutexes(PTHREAD_PRIO_INHERIT);
}

static void *take_turns(void *argument)
{
	int own = (int)(long)argument;
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 50; i++) {
		while (step % 3 != own)
			pthread_cond_wait(&changed, &mutex);
		step++;
		pthread_cond_broadcast(&changed);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

CASE(pi_mutexes_with_a_condition)
{
	pthread_t threads[3];
	make_mutex(PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED);
	for (long i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, take_turns, (void *)i);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	printf("%d\n", step);
	struct timespec when = in_milliseconds(30, CLOCK_REALTIME);
	TRY(pthread_mutex_lock(&mutex));
	printf("%s\n", error_name(pthread_cond_timedwait(&changed, &mutex, &when)));
	TRY(pthread_mutex_unlock(&mutex));
}
