/* What threads wait for, through pthreads: conditions, mutexes, semaphores, keys, cancellation. */
#include "case.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static volatile int number;

static void *wait_and_change(void *argument)
{
	pthread_mutex_lock(&mutex);
	while (number != 1)
		pthread_cond_wait(&changed, &mutex);
	number = 2;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
	return argument;
}

CASE(conditions_wake)
{
	pthread_t thread;
	number = 0;
	pthread_create(&thread, NULL, wait_and_change, NULL);
	sleep_milliseconds(10);
	pthread_mutex_lock(&mutex);
	number = 1;
	pthread_cond_signal(&changed);
	while (number != 2)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
	TRY(pthread_join(thread, NULL));
}

CASE(conditions_time_out)
{
	struct timespec when;
	pthread_cond_t condition;
	pthread_condattr_t attributes;
	when = in_milliseconds(20, CLOCK_REALTIME);
	pthread_mutex_lock(&mutex);
	CHECK(pthread_cond_timedwait(&changed, &mutex, &when) == ETIMEDOUT);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&condition, &attributes);
	when = in_milliseconds(20, CLOCK_MONOTONIC);
	CHECK(pthread_cond_timedwait(&condition, &mutex, &when) == ETIMEDOUT);
	pthread_mutex_unlock(&mutex);
}

static void *hold(void *argument)
{
	pthread_mutex_lock(&mutex);
	number = 1;
	while (number == 1)
		sched_yield();
	pthread_mutex_unlock(&mutex);
	return argument;
}

CASE(mutexes_time_out)
{
	pthread_t thread;
	struct timespec when;
	number = 0;
	pthread_create(&thread, NULL, hold, NULL);
	while (!number)
		sched_yield();
	CHECK(pthread_mutex_trylock(&mutex) == EBUSY);
	when = in_milliseconds(20, CLOCK_REALTIME);
	CHECK(pthread_mutex_timedlock(&mutex, &when) == ETIMEDOUT);
	number = 2;
	TRY(pthread_join(thread, NULL));
	TRY(pthread_mutex_trylock(&mutex));
	TRY(pthread_mutex_unlock(&mutex));
}

static sem_t one, two;

static void *answer(void *argument)
{
	for (int i = 0; i < 100; i++) {
		sem_wait(&one);
		sem_post(&two);
	}
	return argument;
}

CASE(semaphores_alternate)
{
	pthread_t thread;
	sem_init(&one, 0, 0);
	sem_init(&two, 0, 0);
	pthread_create(&thread, NULL, answer, NULL);
	for (int i = 0; i < 100; i++) {
		sem_post(&one);
		sem_wait(&two);
	}
	TRY(pthread_join(thread, NULL));
	TRY(sem_trywait(&one));
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void first_time(void)
{
	puts("once");
}

static void destroy(void *value)
{
	printf("destroyed %ld\n", (long)value);
}

static pthread_key_t key;

static void *set_key(void *argument)
{
	pthread_once(&once, first_time);
	pthread_setspecific(key, argument);
	return NULL;
}

CASE(keys_and_once)
{
	pthread_t thread;
	TRY(pthread_key_create(&key, destroy));
	pthread_once(&once, first_time);
	pthread_create(&thread, NULL, set_key, (void *)33L);
	TRY(pthread_join(thread, NULL));
	TRY(pthread_key_delete(key));
}

static void clean_up(void *argument)
{
	printf("cleaned up %s\n", (const char *)argument);
}

static void *be_cancelled(void *argument)
{
	int pipes[2];
	char byte;
	if (pipe(pipes))
		puts("no pipe");
	pthread_cleanup_push(clean_up, argument);
	number = 1;
	read(pipes[0], &byte, 1);
	pthread_cleanup_pop(0);
	return NULL;
}

CASE(threads_are_cancelled)
{
	pthread_t thread;
	void *result;
	number = 0;
	pthread_create(&thread, NULL, be_cancelled, "it");
	while (!number)
		sched_yield();
	sleep_milliseconds(10);
	TRY(pthread_cancel(thread));
	TRY(pthread_join(thread, &result));
	CHECK(result == PTHREAD_CANCELED);
}
