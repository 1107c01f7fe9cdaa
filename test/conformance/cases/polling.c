/* Readiness: poll(2), ppoll(2), select(2), pselect(2). */
#include "case.h"
#include <poll.h>
#include <pthread.h>
#include <sys/select.h>
#include <sys/time.h>

static int ends[2];

CASE(poll_times_out)
{
	TRY(pipe(ends));
	struct pollfd polled = {.fd = ends[0], .events = POLLIN};
	long before = milliseconds_now();
	TRY(poll(&polled, 1, 30));
	CHECK(milliseconds_now() - before >= 29);
	TRY(poll(NULL, 0, 10));
	TRY(poll(&polled, 1, 0));
}

CASE(poll_refuses)
{
	struct pollfd polls[2] = {{.fd = 99, .events = POLLIN}, {.fd = -5, .events = POLLIN, .revents = 77}};
	TRY(poll(polls, 2, 0));
	printf("%x %x\n", polls[0].revents, polls[1].revents);
	TRY(poll(nowhere, 1, 0));
	TRY(poll(polls, -1, 0));
	const struct timespec wrong = {0, 1000000000};
	TRY(ppoll(polls, 0, &wrong, NULL));
	TRY(syscall(SYS_ppoll, polls, 0, nowhere, NULL, 8));
}

CASE(poll_of_files)
{
	struct pollfd polled = {.fd = make_file("file", ""), .events = POLLIN | POLLOUT | POLLPRI};
	TRY(poll(&polled, 1, 0));
	printf("%x\n", polled.revents);
	polled.events = 0;
	TRY(poll(&polled, 1, 0));
}

static void *write_soon(void *argument)
{
	sleep_milliseconds(20);
	write(ends[1], "a", 1);
	return argument;
}

CASE(poll_is_woken)
{
	pthread_t thread;
	TRY(pipe(ends));
	struct pollfd polled = {.fd = ends[0], .events = POLLIN};
	pthread_create(&thread, NULL, write_soon, NULL);
	TRY(poll(&polled, 1, -1));
	printf("%x\n", polled.revents);
	pthread_join(thread, NULL);
}

static const struct itimerval soon = {{0, 0}, {0, 30000}};

CASE(poll_is_interrupted)
{
	TRY(pipe(ends));
	struct pollfd polled = {.fd = ends[0], .events = POLLIN};
	count_signal(SIGALRM, SA_RESTART);
	setitimer(ITIMER_REAL, &soon, NULL);
	TRY(poll(&polled, 1, 10000));
	setitimer(ITIMER_REAL, &soon, NULL);
	TRY(ppoll(&polled, 1, NULL, NULL));
	printf("%d\n", handled);
}

CASE(ppoll_changes_the_mask)
{
	sigset_t set, none, now;
	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	count_signal(SIGUSR1, 0);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	TRY(ppoll(NULL, 0, NULL, &none));
	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("%d %d\n", handled, sigismember(&now, SIGUSR1));
	const struct timespec short_time = {0, 1000000};
	raise(SIGUSR1);
	TRY(ppoll(NULL, 0, &short_time, NULL));
	printf("%d\n", handled);
}

CASE(select_tells)
{
	fd_set readable, writable;
	struct timeval none = {0, 0};
	TRY(pipe(ends));
	FD_ZERO(&readable);
	FD_ZERO(&writable);
	FD_SET(ends[0], &readable);
	FD_SET(ends[1], &writable);
	TRY(select(ends[1] + 1, &readable, &writable, NULL, &none));
	printf("%d %d\n", !!FD_ISSET(ends[0], &readable), !!FD_ISSET(ends[1], &writable));
	write(ends[1], "a", 1);
	FD_SET(ends[0], &readable);
	TRY(select(ends[1] + 1, &readable, &writable, NULL, &none));
	printf("%d %d\n", !!FD_ISSET(ends[0], &readable), !!FD_ISSET(ends[1], &writable));
	close(ends[1]);
	FD_ZERO(&readable);
	FD_SET(ends[0], &readable);
	TRY(select(ends[0] + 1, &readable, NULL, NULL, NULL));
}

CASE(select_refuses)
{
	fd_set set;
	struct timeval none = {0, 0}, wrong = {-1, 0};
	FD_ZERO(&set);
	FD_SET(99, &set);
	TRY(select(99, &set, NULL, NULL, &none));
	TRY(select(-1, &set, NULL, NULL, &none));
	TRY(select(0, NULL, NULL, NULL, &wrong));
	TRY(syscall(SYS_pselect6, 10, nowhere, NULL, NULL, NULL, NULL));
	TRY(syscall(SYS_pselect6, 0, NULL, NULL, NULL, nowhere, NULL));
}

CASE(select_times_out)
{
	fd_set readable;
	struct timeval time = {0, 20000};
	TRY(pipe(ends));
	FD_ZERO(&readable);
	FD_SET(ends[0], &readable);
	TRY(select(ends[0] + 1, &readable, NULL, NULL, &time));
	printf("%d\n", !!FD_ISSET(ends[0], &readable));
}

CASE(pselect_changes_the_mask)
{
	sigset_t set, none;
	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	count_signal(SIGUSR1, 0);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	TRY(pselect(0, NULL, NULL, NULL, NULL, &none));
	printf("%d\n", handled);
}
