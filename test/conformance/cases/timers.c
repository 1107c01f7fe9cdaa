/* Timers that send signals: setitimer(2), alarm(2), timer_create(2). */
#include "case.h"
#include <pthread.h>
#include <sys/time.h>

static const struct itimerval none = {{0, 0}, {0, 0}};

static void wait_for(int count)
{
	for (long start = milliseconds_now(); handled < count && milliseconds_now() - start < 5000;)
		sleep_milliseconds(1);
	printf("handled %s\n", handled >= count ? "enough" : "too few");
}

CASE(itimer_once)
{
	const struct itimerval soon = {{0, 0}, {0, 20000}};
	struct itimerval left;
	count_signal(SIGALRM, 0);
	TRY(setitimer(ITIMER_REAL, &soon, &left));
	printf("%ld %ld\n", (long)left.it_value.tv_sec, (long)left.it_value.tv_usec);
	wait_for(1);
	sleep_milliseconds(50);
	printf("%d\n", handled);
	TRY(getitimer(ITIMER_REAL, &left));
	printf("%ld %ld\n", (long)left.it_value.tv_sec, (long)left.it_value.tv_usec);
}

CASE(itimer_again_and_again)
{
	const struct itimerval soon = {{0, 5000}, {0, 5000}};
	struct itimerval left;
	count_signal(SIGALRM, 0);
	TRY(setitimer(ITIMER_REAL, &soon, NULL));
	wait_for(5);
	TRY(getitimer(ITIMER_REAL, &left));
	printf("%ld\n", (long)left.it_interval.tv_usec);
	CHECK(left.it_value.tv_usec <= 5000);
	TRY(setitimer(ITIMER_REAL, &none, &left));
	printf("%ld\n", (long)left.it_interval.tv_usec);
	int before = handled;
	sleep_milliseconds(30);
	CHECK(handled - before <= 1);
}

CASE(itimer_refuses)
{
	const struct itimerval negative = {{0, 0}, {-1, 0}}, large = {{0, 0}, {0, 1000000}};
	TRY(setitimer(ITIMER_REAL, &negative, NULL));
	TRY(setitimer(ITIMER_REAL, &large, NULL));
	TRY(setitimer(99, &none, NULL));
	TRY(syscall(SYS_setitimer, ITIMER_REAL, nowhere, NULL));
	TRY(syscall(SYS_getitimer, ITIMER_REAL, nowhere));
	TRY(getitimer(99, NULL));
	TRY(syscall(SYS_setitimer, ITIMER_REAL, NULL, NULL));
}

CASE(itimer_of_processor_time)
{
	const struct itimerval soon = {{0, 0}, {0, 20000}};
	count_signal(SIGPROF, 0);
	count_signal(SIGVTALRM, 0);
	TRY(setitimer(ITIMER_PROF, &soon, NULL));
	for (long start = milliseconds_now(); handled < 1 && milliseconds_now() - start < 5000;)
		;
	printf("%d\n", handled);
	TRY(setitimer(ITIMER_VIRTUAL, &soon, NULL));
	for (long start = milliseconds_now(); handled < 2 && milliseconds_now() - start < 5000;)
		;
	printf("%d\n", handled);
}

static void use_processor(long milliseconds)
{
	struct timespec now, start;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < milliseconds);
}

CASE(itimer_of_processor_time_does_not_count_sleep)
{
	const struct itimerval soon = {{0, 10000}, {0, 50000}};
	struct itimerval left;
	count_signal(SIGPROF, SA_RESTART);
	TRY(setitimer(ITIMER_PROF, &soon, NULL));
	sleep_milliseconds(200);
	printf("%d\n", handled);
	TRY(getitimer(ITIMER_PROF, &left));
	/* Linux adds a tick */
	CHECK(left.it_interval.tv_usec == 10000 && left.it_value.tv_usec > 0 && left.it_value.tv_usec <= 60000);
	use_processor(200);
	CHECK(handled >= 2);
	TRY(setitimer(ITIMER_PROF, &none, NULL));
}

static void processor_timer(clockid_t clock)
{
	timer_t timer;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	const struct itimerspec soon = {{0, 0}, {0, 50000000}};
	struct itimerspec left;
	count_signal(SIGUSR1, SA_RESTART);
	TRY(timer_create(clock, &event, &timer));
	TRY(timer_settime(timer, 0, &soon, NULL));
	sleep_milliseconds(150);
	printf("%d\n", handled);
	TRY(timer_gettime(timer, &left));
	CHECK(left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= 50000000);
	use_processor(200);
	printf("%d\n", handled);
	TRY(timer_delete(timer));
}

CASE(timer_of_processor_time)
{
	clockid_t clock;
	processor_timer(CLOCK_PROCESS_CPUTIME_ID);
	TRY(clock_getcpuclockid(0, &clock));
	processor_timer(clock);
	TRY(clock_getcpuclockid(getpid(), &clock));
	processor_timer(clock);
}

CASE(timer_of_a_thread_s_processor_time)
{
	clockid_t clock;
	processor_timer(CLOCK_THREAD_CPUTIME_ID);
	TRY(pthread_getcpuclockid(pthread_self(), &clock));
	processor_timer(clock);
}

static volatile bool ends;

static void *uses_processor(void *unused)
{
	while (!ends)
		;
	return unused;
}

/* The CPU is used, but not by the thread whose time it counts. */
CASE(timer_of_another_thread_s_processor_time)
{
	timer_t timer;
	pthread_t thread;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	const struct itimerspec soon = {{0, 0}, {0, 100000000}};
	clockid_t clock;
	struct timespec time;
	count_signal(SIGUSR1, SA_RESTART);
	ends = false;
	TRY(timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer));
	TRY(timer_settime(timer, 0, &soon, NULL));
	TRY(pthread_create(&thread, NULL, uses_processor, NULL));
	TRY(pthread_getcpuclockid(thread, &clock));
	sleep_milliseconds(400);
	printf("%d\n", handled);
	TRY(clock_gettime(clock, &time));
	CHECK(time.tv_sec > 0 || time.tv_nsec > 10000000);
	ends = true;
	pthread_join(thread, NULL);
	use_processor(200);
	printf("%d\n", handled);
	TRY(timer_delete(timer));
}

CASE(clocks_of_nobody)
{
	struct timespec time;
	TRY(syscall(SYS_clock_gettime, ~99999 << 3 | 6, &time));
	TRY(syscall(SYS_clock_gettime, ~99999 << 3 | 2, &time));
	TRY(syscall(SYS_clock_gettime, ~0 << 3 | 3, &time));
	TRY(syscall(SYS_timer_create, ~99999 << 3 | 6, NULL, &time));
}

CASE(alarm_tells_what_is_left)
{
	struct itimerval left;
	TRY(alarm(100));
	TRY(alarm(50));
	TRY(getitimer(ITIMER_REAL, &left));
	CHECK(left.it_value.tv_sec == 49 || left.it_value.tv_sec == 50);
	TRY(alarm(0));
	TRY(alarm(0));
}

CASE(alarm_ends_the_program)
{
	alarm(1);
	puts("waiting");
	while (true)
		pause();
}

CASE(timer_sends_its_signal)
{
	timer_t timer;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 77};
	const struct itimerspec soon = {{0, 0}, {0, 10000000}};
	sigset_t set;
	siginfo_t info;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	TRY(timer_create(CLOCK_MONOTONIC, &event, &timer));
	TRY(timer_settime(timer, 0, &soon, NULL));
	CHECK(sigwaitinfo(&set, &info) == SIGUSR1);
	printf("%d %d %d\n", info.si_code == SI_TIMER, info.si_value.sival_int, info.si_overrun);
	TRY(syscall(SYS_timer_delete, timer));
	TRY(syscall(SYS_timer_delete, timer));
}

CASE(timer_counts_overruns)
{
	timer_t timer;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	const struct itimerspec often = {{0, 1000000}, {0, 1000000}};
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	count_signal(SIGUSR1, 0);
	sigprocmask(SIG_BLOCK, &set, NULL);
	TRY(timer_create(CLOCK_MONOTONIC, &event, &timer));
	TRY(timer_settime(timer, 0, &often, NULL));
	sleep_milliseconds(50);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	CHECK(handled >= 1);
	CHECK(timer_getoverrun(timer) >= 0);
	TRY(timer_delete(timer));
}

CASE(timer_to_a_time)
{
	timer_t timer;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec when = {{0, 0}, {0, 0}}, left;
	count_signal(SIGUSR1, 0);
	TRY(timer_create(CLOCK_REALTIME, &event, &timer));
	clock_gettime(CLOCK_REALTIME, &when.it_value);
	when.it_value.tv_sec -= 1;
	TRY(timer_settime(timer, TIMER_ABSTIME, &when, NULL));
	wait_for(1);
	when.it_value.tv_sec += 100;
	TRY(timer_settime(timer, TIMER_ABSTIME, &when, NULL));
	TRY(timer_gettime(timer, &left));
	CHECK(left.it_value.tv_sec >= 97 && left.it_value.tv_sec <= 99);
	memset(&when, 0, sizeof when);
	TRY(timer_settime(timer, 0, &when, &left));
	CHECK(left.it_value.tv_sec >= 97 && left.it_value.tv_sec <= 99);
	TRY(timer_gettime(timer, &left));
	printf("%ld %ld\n", (long)left.it_value.tv_sec, left.it_value.tv_nsec);
	TRY(timer_delete(timer));
}

CASE(timer_without_a_signal)
{
	timer_t timer;
	struct sigevent event = {.sigev_notify = SIGEV_NONE};
	struct itimerspec when = {{0, 0}, {100, 0}}, left;
	TRY(timer_create(CLOCK_MONOTONIC, &event, &timer));
	TRY(timer_settime(timer, 0, &when, NULL));
	TRY(timer_gettime(timer, &left));
	CHECK(left.it_value.tv_sec >= 98);
	TRY(timer_delete(timer));
}

CASE(timer_by_default)
{
	timer_t timer;
	const struct itimerspec soon = {{0, 0}, {0, 1000000}};
	count_signal(SIGALRM, 0);
	TRY(timer_create(CLOCK_MONOTONIC, NULL, &timer));
	TRY(timer_settime(timer, 0, &soon, NULL));
	wait_for(1);
	TRY(timer_delete(timer));
}

CASE(timer_refuses)
{
	timer_t timer;
	int id;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 99};
	const struct itimerspec wrong = {{0, 0}, {0, 1000000000}};
	TRY(syscall(SYS_timer_create, 99, NULL, &id));
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id));
	event = (struct sigevent){.sigev_notify = 99, .sigev_signo = SIGUSR1};
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id));
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, nowhere, &id));
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, nowhere));
	TRY(timer_create(CLOCK_MONOTONIC, NULL, &timer));
	TRY(timer_settime(timer, 0, &wrong, NULL));
	TRY(syscall(SYS_timer_settime, timer, 0, nowhere, NULL));
	TRY(syscall(SYS_timer_settime, timer, 0, NULL, NULL));
	TRY(syscall(SYS_timer_gettime, timer, nowhere));
	TRY(timer_delete(timer));
	TRY(syscall(SYS_timer_settime, 999, 0, &wrong, NULL));
	TRY(syscall(SYS_timer_gettime, 999, &event));
	TRY(syscall(SYS_timer_getoverrun, 999));
	TRY(syscall(SYS_timer_delete, 999));
}
