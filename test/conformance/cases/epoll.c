/* epoll(7), eventfd(2), timerfd_create(2), signalfd(2). */
#include "case.h"
#include <poll.h>
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

static int make_signal_file(int number, int flags)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return (int)WORKS(signalfd(-1, &set, flags));
}

CASE(signalfd_tells_what_was_sent)
{
	struct signalfd_siginfo info[3];
	int number = SIGRTMIN + 1, file = make_signal_file(number, 0);
	sigqueue(getpid(), number, (union sigval){.sival_int = 7});
	sigqueue(getpid(), number, (union sigval){.sival_int = 8});
	TRY(read(file, info, sizeof *info - 1));
	CHECK(read(file, info, sizeof info - 1) == 2 * sizeof *info);
	for (int i = 0; i < 2; i++) {
		CHECK((int)info[i].ssi_signo == number && info[i].ssi_code == SI_QUEUE && (int)info[i].ssi_pid == getpid());
		printf("%d\n", info[i].ssi_int);
	}
	raise(number);
	CHECK(read(file, info, sizeof info) == sizeof *info);
	CHECK(info[0].ssi_code == SI_TKILL);
}

CASE(signalfd_waits)
{
	const struct itimerval soon = {{0, 0}, {0, 20000}};
	struct signalfd_siginfo info;
	int file = make_signal_file(SIGALRM, 0);
	struct pollfd poll_file = {file, POLLIN, 0};
	TRY(poll(&poll_file, 1, 0));
	setitimer(ITIMER_REAL, &soon, NULL);
	CHECK(read(file, &info, sizeof info) == sizeof info);
	printf("%u %d\n", info.ssi_signo, info.ssi_code == SI_KERNEL);
	setitimer(ITIMER_REAL, &soon, NULL);
	TRY(poll(&poll_file, 1, 5000));
	printf("%d\n", poll_file.revents);
}

CASE(signalfd_wakes_epoll)
{
	const struct itimerval soon = {{0, 0}, {0, 20000}};
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = 5}, found;
	int file = make_signal_file(SIGALRM, SFD_CLOEXEC), set = epoll_create1(0);
	TRY(fcntl(file, F_GETFD));
	TRY(epoll_ctl(set, EPOLL_CTL_ADD, file, &event));
	TRY(epoll_wait(set, &found, 1, 0));
	setitimer(ITIMER_REAL, &soon, NULL);
	TRY(epoll_wait(set, &found, 1, 5000));
	printf("%u\n", found.data.u32);
}

CASE(signalfd_of_an_ignored_signal)
{
	struct signalfd_siginfo info;
	int file = make_signal_file(SIGCHLD, SFD_NONBLOCK);
	kill(getpid(), SIGCHLD);
	CHECK(read(file, &info, sizeof info) == sizeof info);
	printf("%d\n", info.ssi_signo == SIGCHLD);
}

CASE(signalfd_changes)
{
	struct signalfd_siginfo info;
	sigset_t other;
	int file = make_signal_file(SIGUSR1, SFD_NONBLOCK);
	sigemptyset(&other);
	sigaddset(&other, SIGUSR2);
	raise(SIGUSR1);
	CHECK(signalfd(file, &other, 0) == file);
	TRY(read(file, &info, sizeof info));
	sigprocmask(SIG_BLOCK, &other, NULL);
	raise(SIGUSR2);
	CHECK(read(file, &info, sizeof info) == sizeof info);
	printf("%d\n", info.ssi_signo == SIGUSR2);
}

CASE(signalfd_refuses)
{
	uint64_t set = 1 << (SIGUSR1 - 1);
	TRY(syscall(SYS_signalfd4, -1, &set, 4, 0));
	TRY(syscall(SYS_signalfd4, -1, &set, 8, 1));
	TRY(syscall(SYS_signalfd4, -1, nowhere, 8, 0));
	TRY(syscall(SYS_signalfd4, 99, &set, 8, 0));
	TRY(syscall(SYS_signalfd4, 1, &set, 8, 0));
	int file = make_signal_file(SIGUSR1, SFD_NONBLOCK);
	raise(SIGUSR1);
	TRY(write(file, &set, sizeof set));
	TRY(read(file, &set, sizeof set));
}
