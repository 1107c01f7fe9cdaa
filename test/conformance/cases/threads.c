/* Threads, through pthreads and clone(2). */
#include "case.h"
#include <pthread.h>
#include <sched.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile int number;
static __thread int own = 5;

static void *add(void *argument)
{
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&mutex);
		number++;
		pthread_mutex_unlock(&mutex);
	}
	return (char *)argument + 1;
}

CASE(threads_share_memory)
{
	pthread_t threads[8];
	void *result;
	number = 0;
	for (long i = 0; i < 8; i++)
		TRY(pthread_create(&threads[i], NULL, add, (void *)i));
	for (long i = 0; i < 8; i++) {
		pthread_join(threads[i], &result);
		printf("%ld\n", (long)result);
	}
	printf("%d\n", number);
}

static void *change_own(void *argument)
{
	printf("%d\n", own);
	own = (int)(long)argument;
	sched_yield();
	printf("%d\n", own);
	return NULL;
}

CASE(threads_have_variables_of_their_own)
{
	pthread_t thread;
	own = 6;
	pthread_create(&thread, NULL, change_own, (void *)77L);
	pthread_join(thread, NULL);
	printf("%d\n", own);
	own = 5;
}

static void *spin(void *argument)
{
	while (!number)
		;
	return argument;
}

CASE(a_thread_that_spins_does_not_stop_others)
{
	pthread_t thread;
	number = 0;
	pthread_create(&thread, NULL, spin, NULL);
	sleep_milliseconds(20);
	number = 1;
	TRY(pthread_join(thread, NULL));
}

static void *compute(void *argument)
{
	volatile double value = (double)(long)argument, sum = 0;
	for (int i = 0; i < 200000; i++)
		sum = sum + value * 0.5;
	*(volatile double *)&sum;
	return (void *)(long)sum;
}

CASE(threads_keep_their_vector_registers)
{
	pthread_t threads[4];
	for (long i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, compute, (void *)(i + 1));
	for (long i = 0; i < 4; i++) {
		void *result;
		pthread_join(threads[i], &result);
		printf("%ld\n", (long)result);
	}
}

static void *detached(void *argument)
{
	number = 1;
	return argument;
}

CASE(detached_threads_end)
{
	pthread_attr_t attributes;
	pthread_t thread;
	number = 0;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	TRY(pthread_create(&thread, &attributes, detached, NULL));
	for (int i = 0; i < 5000 && !number; i++)
		sleep_milliseconds(1);
	printf("%d\n", number);
}

static void *nothing(void *argument)
{
	return argument;
}

CASE(many_threads_one_after_another)
{
	pthread_t thread;
	int created = 0;
	for (int i = 0; i < 500; i++) {
		created += !pthread_create(&thread, NULL, nothing, NULL);
		pthread_join(thread, NULL);
	}
	printf("%d\n", created);
}

static pthread_barrier_t barrier;

static void *meet(void *argument)
{
	pthread_barrier_wait(&barrier);
	__atomic_add_fetch(&number, 1, __ATOMIC_SEQ_CST);
	return argument;
}

CASE(many_threads_at_once)
{
	enum { THREADS = 200 };
	static pthread_t threads[THREADS];
	pthread_attr_t attributes;
	int created = 0;
	number = 0;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		created += !pthread_create(&threads[i], &attributes, meet, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	printf("%d %d\n", created, number);
}

static void *tell_identifier(void *argument)
{
	*(long *)argument = syscall(SYS_gettid);
	CHECK(getpid() != syscall(SYS_gettid));
	return NULL;
}

CASE(threads_have_identifiers)
{
	pthread_t thread;
	long identifier = 0;
	pthread_create(&thread, NULL, tell_identifier, &identifier);
	pthread_join(thread, NULL);
	CHECK(identifier > 0 && identifier != getpid());
	TRY(syscall(SYS_tgkill, getpid(), (int)identifier, 0));
}

static void *note_signals(void *argument)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	number = 1;
	int taken = 0;
	sigwait(&set, &taken);
	printf("taken %d\n", taken);
	return argument;
}

CASE(a_signal_goes_to_one_thread)
{
	pthread_t thread;
	sigset_t set, pending;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	number = 0;
	pthread_create(&thread, NULL, note_signals, NULL);
	while (!number)
		sched_yield();
	pthread_kill(thread, SIGUSR1);
	TRY(pthread_join(thread, NULL));
	sigpending(&pending);
	printf("%d\n", sigismember(&pending, SIGUSR1));
}

static pthread_t handled_by;

static void note_thread(int signal)
{
	(void)signal;
	handled_by = pthread_self();
	number = 2;
}

static void *wait_for_signal(void *argument)
{
	number = 1;
	while (number == 1)
		sleep_milliseconds(1);
	return argument;
}

CASE(a_process_signal_goes_to_a_thread_that_takes_it)
{
	pthread_t thread;
	sigset_t set;
	struct sigaction action = {.sa_handler = note_thread};
	sigaction(SIGUSR1, &action, NULL);
	number = 0;
	pthread_create(&thread, NULL, wait_for_signal, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	while (number != 1)
		sched_yield();
	TRY(kill(getpid(), SIGUSR1));
	TRY(pthread_join(thread, NULL));
	CHECK(pthread_equal(handled_by, thread));
}

static int child(void *argument)
{
	number = (int)(long)argument;
	return 0;
}

CASE(clone_sets_and_clears_identifiers)
{
	enum { FLAGS = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM };
	static char stack[65536] __attribute__((aligned(16)));
	volatile int parent = 0, cleared = 77;
	number = 0;
	WORKS(clone(child, stack + sizeof stack, FLAGS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, (void *)9L, &parent,
		    NULL, &cleared));
	CHECK(parent > 0);
	while (cleared)
		syscall(SYS_futex, &cleared, 0, cleared, NULL, NULL, 0);
	printf("%d %d\n", number, cleared);
}

static void *leave_by_exit(void *argument)
{
	(void)argument;
	puts("in the thread");
	exit(3);
}

CASE(a_thread_ends_the_program)
{
	pthread_t thread;
	pthread_create(&thread, NULL, leave_by_exit, NULL);
	pthread_join(thread, NULL);
	puts("not here");
}

static void *outlive(void *argument)
{
	sleep_milliseconds(30);
	puts("after main");
	fflush(stdout);
	_exit(4);
	return argument;
}

CASE(the_first_thread_ends_before_others)
{
	pthread_t thread;
	pthread_create(&thread, NULL, outlive, NULL);
	pthread_exit(NULL);
}

CASE(a_thread_that_spins_does_not_stop_long_sleep)
{
	pthread_t thread;
	number = 0;
	pthread_create(&thread, NULL, spin, NULL);
	sleep_milliseconds(1500); /* longer than a timer is set for, and with the network's own timers between */
	number = 1;
	TRY(pthread_join(thread, NULL));
}
