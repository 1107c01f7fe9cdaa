/* epoll(7), eventfd(2), timerfd_create(2), signalfd(2). */
#include "case.h"
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>

static int poller, ends[2];

static void make_pair(void)
{
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		puts("no pair");
}

static long add(int descriptor, uint32_t events, uint64_t data)
{
	struct epoll_event event = {.events = events, .data.u64 = data};
	return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
}

static void print_events(int timeout)
{
	struct epoll_event events[8];
	int count = epoll_wait(poller, events, 8, timeout);
	printf("%d:", count);
	for (int i = 0; i < count; i++)
		printf(" %x(%lu)", events[i].events, (unsigned long)events[i].data.u64);
	puts("");
}

CASE(epoll_level)
{
	char byte;
	make_pair();
	TRY(add(ends[0], EPOLLIN, 7));
	print_events(0);
	write(ends[1], "ab", 2);
	print_events(-1);
	print_events(0);
	read(ends[0], &byte, 1);
	print_events(0);
	read(ends[0], &byte, 1);
	print_events(0);
}

CASE(epoll_edge)
{
	char byte;
	make_pair();
	TRY(add(ends[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 7));
	print_events(0);
	print_events(0);
	write(ends[1], "ab", 2);
	print_events(0);
	print_events(0);
	read(ends[0], &byte, 1);
	print_events(0);
	write(ends[1], "c", 1);
	print_events(0);
	shutdown(ends[1], SHUT_WR);
	print_events(0);
	close(ends[1]);
	print_events(0);
	print_events(0);
}

CASE(epoll_one_shot)
{
	make_pair();
	TRY(add(ends[0], EPOLLIN | EPOLLONESHOT, 7));
	write(ends[1], "a", 1);
	print_events(0);
	print_events(0);
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = 8};
	TRY(epoll_ctl(poller, EPOLL_CTL_MOD, ends[0], &event));
	print_events(0);
	print_events(0);
}

CASE(epoll_mod_arms_again)
{
	make_pair();
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 8};
	write(ends[1], "a", 1);
	TRY(add(ends[0], EPOLLIN | EPOLLET, 7));
	print_events(0);
	print_events(0);
	TRY(epoll_ctl(poller, EPOLL_CTL_MOD, ends[0], &event));
	print_events(0);
	print_events(0);
}

CASE(epoll_refuses)
{
	struct epoll_event event = {.events = EPOLLIN};
	make_pair();
	TRY(add(ends[0], EPOLLIN, 7));
	TRY(add(ends[0], EPOLLIN, 7));
	TRY(epoll_ctl(poller, EPOLL_CTL_MOD, ends[1], &event));
	TRY(epoll_ctl(poller, EPOLL_CTL_DEL, ends[1], NULL));
	TRY(epoll_ctl(poller, EPOLL_CTL_DEL, ends[0], NULL));
	TRY(epoll_ctl(poller, 99, ends[0], &event));
	TRY(add(99, EPOLLIN, 7));
	TRY(add(poller, EPOLLIN, 7));
	TRY(add(make_file("file", ""), EPOLLIN, 7));
	TRY(epoll_ctl(ends[0], EPOLL_CTL_ADD, ends[1], &event));
	TRY(epoll_ctl(99, EPOLL_CTL_ADD, ends[1], &event));
	TRY(epoll_ctl(poller, EPOLL_CTL_ADD, ends[1], nowhere));
	TRY(epoll_wait(poller, &event, 0, 0));
	TRY(epoll_wait(poller, &event, -1, 0));
	TRY(epoll_wait(99, &event, 1, 0));
	TRY(epoll_wait(ends[0], &event, 1, 0));
	TRY(epoll_create1(99));
	write(ends[0], "a", 1);
	TRY(add(ends[1], EPOLLIN, 7));
	TRY(epoll_wait(poller, nowhere, 1, 0));
}

CASE(epoll_forgets_what_is_closed)
{
	make_pair();
	TRY(add(ends[0], EPOLLIN, 7));
	write(ends[1], "a", 1);
	print_events(0);
	int copy = dup(ends[0]);
	close(ends[0]);
	print_events(0);
	close(copy);
	print_events(0);
}

CASE(epoll_takes_turns)
{
	struct epoll_event event;
	int other[2];
	make_pair();
	socketpair(AF_UNIX, SOCK_STREAM, 0, other);
	TRY(add(ends[0], EPOLLIN, 1));
	TRY(add(other[0], EPOLLIN, 2));
	write(ends[1], "a", 1);
	write(other[1], "a", 1);
	long seen = 0;
	for (int i = 0; i < 2; i++)
		if (epoll_wait(poller, &event, 1, 0) == 1)
			seen |= event.data.u64;
	printf("%ld\n", seen);
}

CASE(epoll_hang_up)
{
	make_pair();
	TRY(add(ends[0], 0, 7));
	print_events(0);
	close(ends[1]);
	print_events(0);
}

CASE(epoll_in_epoll)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = 9};
	make_pair();
	int outer = epoll_create1(0);
	TRY(add(ends[0], EPOLLIN, 7));
	TRY(epoll_ctl(outer, EPOLL_CTL_ADD, poller, &event));
	TRY(epoll_wait(outer, &event, 1, 0));
	write(ends[1], "a", 1);
	TRY(epoll_wait(outer, &event, 1, 0));
	printf("%lu\n", (unsigned long)event.data.u64);
	TRY(epoll_ctl(poller, EPOLL_CTL_ADD, outer, &event));
}

static void *write_soon(void *argument)
{
	sleep_milliseconds(20);
	write(ends[1], "a", 1);
	return argument;
}

CASE(epoll_is_woken_and_interrupted)
{
	pthread_t thread;
	const struct itimerval soon = {{0, 0}, {0, 30000}};
	make_pair();
	TRY(add(ends[0], EPOLLIN | EPOLLET, 7));
	pthread_create(&thread, NULL, write_soon, NULL);
	print_events(-1);
	pthread_join(thread, NULL);
	count_signal(SIGALRM, SA_RESTART);
	setitimer(ITIMER_REAL, &soon, NULL);
	print_events(10000);
	printf("%s %d\n", error_name(errno), handled);
	print_events(20);
}

CASE(eventfd_counts)
{
	uint64_t value = 5;
	int event = (int)TRY(eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC));
	TRY(write(event, &value, 8));
	TRY(read(event, &value, 8));
	printf("%lu\n", (unsigned long)value);
	TRY(read(event, &value, 8));
	TRY(read(event, &value, 4));
	TRY(write(event, &value, 4));
	value = UINT64_MAX;
	TRY(write(event, &value, 8));
	value = UINT64_MAX - 1;
	TRY(write(event, &value, 8));
	value = 1;
	TRY(write(event, &value, 8));
	TRY(read(event, &value, 8));
	printf("%lx\n", (unsigned long)value);
	TRY(eventfd(0, 99));
}

CASE(eventfd_as_a_semaphore)
{
	uint64_t value = 2;
	int event = (int)TRY(eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK));
	TRY(write(event, &value, 8));
	for (int i = 0; i < 3; i++) {
		value = 0;
		TRY(read(event, &value, 8));
		printf("%lu\n", (unsigned long)value);
	}
}

CASE(eventfd_is_polled)
{
	uint64_t value = 1;
	poller = epoll_create1(0);
	int event = eventfd(0, 0);
	TRY(add(event, EPOLLIN | EPOLLOUT | EPOLLET, 7));
	print_events(0);
	TRY(write(event, &value, 8));
	print_events(0);
	TRY(write(event, &value, 8));
	print_events(0);
	TRY(read(event, &value, 8));
	print_events(0);
}

CASE(timerfd_expires)
{
	uint64_t count = 0;
	const struct itimerspec soon = {{0, 0}, {0, 20000000}};
	struct itimerspec left;
	int timer = (int)TRY(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	TRY(read(timer, &count, 8));
	TRY(timerfd_settime(timer, 0, &soon, NULL));
	TRY(timerfd_gettime(timer, &left));
	CHECK(left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= 20000000);
	poller = epoll_create1(0);
	TRY(add(timer, EPOLLIN, 7));
	print_events(-1);
	TRY(read(timer, &count, 4));
	TRY(read(timer, &count, 8));
	printf("%lu\n", (unsigned long)count);
	TRY(read(timer, &count, 8));
	print_events(0);
}

CASE(timerfd_again_and_again)
{
	uint64_t count = 0, all = 0;
	const struct itimerspec often = {{0, 5000000}, {0, 5000000}};
	int timer = (int)TRY(timerfd_create(CLOCK_MONOTONIC, 0));
	TRY(timerfd_settime(timer, 0, &often, NULL));
	sleep_milliseconds(30);
	TRY(read(timer, &count, 8));
	CHECK(count >= 2);
	while (all < 5 && read(timer, &count, 8) == 8)
		all += count;
	CHECK(all >= 5);
}

CASE(timerfd_to_a_time)
{
	uint64_t count = 0;
	struct itimerspec when = {{0, 0}, {0, 0}};
	int timer = (int)TRY(timerfd_create(CLOCK_REALTIME, 0));
	clock_gettime(CLOCK_REALTIME, &when.it_value);
	TRY(timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL));
	TRY(read(timer, &count, 8));
	printf("%lu\n", (unsigned long)count);
}

CASE(timerfd_refuses)
{
	const struct itimerspec wrong = {{0, 0}, {0, 1000000000}};
	int timer = (int)TRY(timerfd_create(CLOCK_MONOTONIC, 0));
	TRY(timerfd_create(99, 0));
	TRY(timerfd_create(CLOCK_MONOTONIC, 99));
	TRY(timerfd_settime(timer, 0, &wrong, NULL));
	TRY(timerfd_settime(timer, 99, &wrong, NULL));
	TRY(syscall(SYS_timerfd_settime, timer, 0, nowhere, NULL));
	TRY(syscall(SYS_timerfd_gettime, timer, nowhere));
	TRY(syscall(SYS_timerfd_gettime, 1, &wrong));
	TRY(syscall(SYS_timerfd_gettime, 99, &wrong));
}

CASE(signalfd_reads)
{
	struct signalfd_siginfo info;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int file = (int)TRY(signalfd(-1, &set, SFD_NONBLOCK));
	if (file < 0)
		return;
	TRY(read(file, &info, sizeof info));
	raise(SIGUSR1);
	TRY(read(file, &info, sizeof info));
	printf("%u\n", info.ssi_signo);
}
