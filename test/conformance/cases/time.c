/* Clocks and sleep: clock_gettime(2), gettimeofday(2), nanosleep(2), clock_nanosleep(2). */
#include "case.h"
#include <pthread.h>
#include <sys/time.h>

/* musl's time_t and the kernel's are the same on both architectures. */
static const struct timespec invalid[] = {{0, -1}, {0, 1000000000}, {-1, 0}};

CASE(clocks_that_there_are)
{
	struct timespec now;
	for (int clock = 0; clock <= 7; clock++)
		printf("%d: %s\n", clock, syscall(SYS_clock_gettime, clock, &now) ? error_name(errno) : "works");
	TRY(syscall(SYS_clock_gettime, 99, &now));
	TRY(syscall(SYS_clock_gettime, -1000, &now));
	TRY(syscall(SYS_clock_gettime, CLOCK_REALTIME, nowhere));
	CHECK(now.tv_nsec >= 0 && now.tv_nsec < 1000000000);
}

CASE(clock_resolutions)
{
	struct timespec resolution;
	TRY(syscall(SYS_clock_getres, CLOCK_MONOTONIC, &resolution));
	printf("%ld %ld\n", (long)resolution.tv_sec, resolution.tv_nsec);
	TRY(syscall(SYS_clock_getres, CLOCK_REALTIME, &resolution));
	printf("%ld %ld\n", (long)resolution.tv_sec, resolution.tv_nsec);
	TRY(syscall(SYS_clock_getres, CLOCK_REALTIME, NULL));
	TRY(syscall(SYS_clock_getres, 99, &resolution));
	TRY(syscall(SYS_clock_getres, CLOCK_REALTIME, nowhere));
}

CASE(clocks_go_on)
{
	struct timespec before, after;
	long backwards = 0, same = 0;
	clock_gettime(CLOCK_MONOTONIC, &before);
	for (int i = 0; i < 10000; i++) {
		clock_gettime(CLOCK_MONOTONIC, &after);
		backwards += after.tv_sec < before.tv_sec || (after.tv_sec == before.tv_sec && after.tv_nsec < before.tv_nsec);
		before = after;
	}
	printf("%ld %ld\n", backwards, same);
	long start = milliseconds_now();
	sleep_milliseconds(30);
	long passed = milliseconds_now() - start;
	CHECK(passed >= 29 && passed < 3000);
}

CASE(clocks_agree)
{
	struct timespec real;
	struct timeval day;
	time_t seconds;
	clock_gettime(CLOCK_REALTIME, &real);
	TRY(gettimeofday(&day, NULL));
	seconds = time(NULL);
	CHECK(real.tv_sec > 1600000000);
	CHECK(labs((long)(day.tv_sec - real.tv_sec)) <= 1 && labs((long)(seconds - real.tv_sec)) <= 1);
	CHECK(day.tv_usec >= 0 && day.tv_usec < 1000000);
	struct timespec coarse;
	clock_gettime(CLOCK_REALTIME_COARSE, &coarse);
	CHECK(labs((long)(coarse.tv_sec - real.tv_sec)) <= 1);
	TRY(syscall(SYS_gettimeofday, NULL, NULL));
	TRY(syscall(SYS_gettimeofday, nowhere, NULL));
}

static long cpu_milliseconds(clockid_t clock)
{
	struct timespec now = {0, 0};
	clock_gettime(clock, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void compute(long milliseconds)
{
	long start = milliseconds_now();
	while (milliseconds_now() - start < milliseconds)
		;
}

CASE(processor_time_counts_work)
{
	long start = cpu_milliseconds(CLOCK_PROCESS_CPUTIME_ID), thread = cpu_milliseconds(CLOCK_THREAD_CPUTIME_ID);
	compute(200);
	CHECK(cpu_milliseconds(CLOCK_PROCESS_CPUTIME_ID) - start >= 20);
	CHECK(cpu_milliseconds(CLOCK_THREAD_CPUTIME_ID) - thread >= 20);
}

CASE(processor_time_does_not_count_sleep)
{
	long start = cpu_milliseconds(CLOCK_PROCESS_CPUTIME_ID), thread = cpu_milliseconds(CLOCK_THREAD_CPUTIME_ID);
	sleep_milliseconds(400);
	CHECK(cpu_milliseconds(CLOCK_PROCESS_CPUTIME_ID) - start < 300);
	CHECK(cpu_milliseconds(CLOCK_THREAD_CPUTIME_ID) - thread < 300);
}

static void *compute_100(void *argument)
{
	compute(100);
	return argument;
}

CASE(processor_time_of_threads)
{
	pthread_t thread;
	long own = cpu_milliseconds(CLOCK_THREAD_CPUTIME_ID), all = cpu_milliseconds(CLOCK_PROCESS_CPUTIME_ID);
	pthread_create(&thread, NULL, compute_100, NULL);
	pthread_join(thread, NULL);
	CHECK(cpu_milliseconds(CLOCK_PROCESS_CPUTIME_ID) - all >= 10);
	CHECK(cpu_milliseconds(CLOCK_THREAD_CPUTIME_ID) - own < 60);
}

CASE(nanosleep_refuses)
{
	struct timespec left;
	for (int i = 0; i < 3; i++)
		TRY(syscall(SYS_nanosleep, &invalid[i], &left));
	TRY(syscall(SYS_nanosleep, nowhere, NULL));
	TRY(syscall(SYS_nanosleep, NULL, NULL));
	const struct timespec none = {0, 0};
	TRY(syscall(SYS_nanosleep, &none, nowhere));
}

CASE(nanosleep_is_interrupted)
{
	const struct timespec long_time = {20, 0};
	struct timespec left = {0, 0};
	const struct itimerval soon = {{0, 0}, {0, 30000}};
	count_signal(SIGALRM, SA_RESTART);
	TRY(setitimer(ITIMER_REAL, &soon, NULL));
	TRY(syscall(SYS_nanosleep, &long_time, &left));
	printf("%d %ld\n", handled, (long)left.tv_sec);
	CHECK(left.tv_nsec > 0 && left.tv_nsec < 1000000000);
	TRY(setitimer(ITIMER_REAL, &soon, NULL));
	TRY(syscall(SYS_nanosleep, &long_time, nowhere));
	TRY(setitimer(ITIMER_REAL, &soon, NULL));
	TRY(syscall(SYS_nanosleep, &long_time, NULL));
}

CASE(clock_nanosleep_of_clocks)
{
	const struct timespec none = {0, 1000000};
	for (int clock = 0; clock <= 7; clock++)
		if (clock != CLOCK_PROCESS_CPUTIME_ID && clock != CLOCK_THREAD_CPUTIME_ID)
			printf("%d: %s\n", clock, syscall(SYS_clock_nanosleep, clock, 0, &none, NULL) ? error_name(errno) : "works");
	TRY(syscall(SYS_clock_nanosleep, 99, 0, &none, NULL));
	for (int i = 0; i < 3; i++)
		TRY(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &invalid[i], NULL));
	TRY(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, nowhere, NULL));
}

CASE(clock_nanosleep_to_a_time)
{
	struct timespec when;
	for (int clock = 0; clock <= 1; clock++) {
		clock_gettime(clock, &when);
		TRY(syscall(SYS_clock_nanosleep, clock, TIMER_ABSTIME, &when, NULL));
		when.tv_nsec += 20000000;
		when.tv_sec += when.tv_nsec / 1000000000;
		when.tv_nsec %= 1000000000;
		long start = milliseconds_now();
		TRY(syscall(SYS_clock_nanosleep, clock, TIMER_ABSTIME, &when, nowhere));
		CHECK(milliseconds_now() - start < 2000);
		struct timespec now;
		clock_gettime(clock, &now);
		CHECK(now.tv_sec > when.tv_sec || (now.tv_sec == when.tv_sec && now.tv_nsec >= when.tv_nsec));
	}
}

CASE(clock_nanosleep_to_a_time_is_interrupted)
{
	struct timespec when, left = {77, 77};
	const struct itimerval soon = {{0, 0}, {0, 30000}};
	count_signal(SIGALRM, 0);
	clock_gettime(CLOCK_MONOTONIC, &when);
	when.tv_sec += 20;
	setitimer(ITIMER_REAL, &soon, NULL);
	TRY(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &when, &left));
	printf("%ld %ld\n", (long)left.tv_sec, left.tv_nsec);
}
