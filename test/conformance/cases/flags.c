/* What the program does to the CPU's flags is its own affair: the system neither works by them nor changes them. Only x86_64 has such. */
#include "case.h"
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>

/* Intel SDM 1, 3.4.3: RFLAGS */
enum { TRAP = 1 << 8, DIRECTION = 1 << 10, NESTED_TASK = 1 << 14, ALIGNMENT_CHECK = 1 << 18 };

static unsigned long flags(void)
{
	unsigned long flags = 0;
#ifdef __x86_64__
	flags = __builtin_ia32_readeflags_u64();
#endif
	return flags;
}

/* For a moment in which the compiler's code is not run: that has to find DF clear. */
static void spin_backwards(const volatile int *end)
{
#ifdef __x86_64__
	__asm__ volatile("std; 1: cmpl $0, %0; je 1b; cld" : : "m"(*end) : "cc");
#else
	while (!*end)
		;
#endif
}

static volatile int enough, flags_of_handler;

static void count_to_enough(int number)
{
	(void)number;
	flags_of_handler |= flags() & DIRECTION;
	enough = ++handled >= 200;
}

CASE(signals_while_the_direction_flag_is_set)
{
	struct itimerval every_millisecond = {{0, 1000}, {0, 1000}}, never = {0};
	signal(SIGALRM, count_to_enough);
	setitimer(ITIMER_REAL, &every_millisecond, NULL);
	spin_backwards(&enough);
	setitimer(ITIMER_REAL, &never, NULL);
	CHECK(handled >= 200);
	CHECK(!flags_of_handler);
}

/* Wakes up again and again, so that the other thread is interrupted, and has connections made meanwhile. */
static void *connect_often(void *listener)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;
	getsockname(*(int *)listener, (void *)&address, &size);
	int failures = 0;
	for (int i = 0; i < 100; i++) {
		char byte = 0;
		int client = socket(address.ss_family, SOCK_STREAM, 0);
		connect(client, (void *)&address, size);
		sleep_milliseconds(1);
		int server = accept(*(int *)listener, NULL, NULL);
		failures += write(client, "x", 1) != 1;
		sleep_milliseconds(1);
		failures += read(server, &byte, 1) != 1 || byte != 'x';
		close(client);
		close(server);
	}
	enough = 1;
	return (void *)(long)failures;
}

CASE(threads_while_the_direction_flag_is_set)
{
	pthread_t thread;
	void *failures;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	listen(listener, 5);
	pthread_create(&thread, NULL, connect_often, &listener);
	spin_backwards(&enough);
	pthread_join(thread, &failures);
	printf("%ld failures\n", (long)failures);
}

CASE(memory_appears_while_the_direction_flag_is_set)
{
	char *pages = map_pages(64, PROT_READ | PROT_WRITE);
	char *last = pages + 64 * PAGE - 1;
#ifdef __x86_64__
	char *to = last;
	unsigned long size = 64 * PAGE;
	__asm__ volatile("std; rep stosb; cld" : "+D"(to), "+c"(size) : "a"('x') : "memory");
#else
	memset(pages, 'x', 64 * PAGE);
#endif
	CHECK(*pages == 'x' && *last == 'x');
	CHECK(!memcmp(pages, pages + 1, 64 * PAGE - 1));
}

/* The stack below what the compiler keeps there without telling: 128 bytes (System V ABI, AMD64, 3.2.2). */
#define ON_FREE_STACK(code) "lea -128(%%rsp), %%rsp;" code "lea 128(%%rsp), %%rsp"

/* A call with flags set, which are then as they were. */
static bool kept(unsigned long set)
{
#ifdef __x86_64__
	unsigned long number = SYS_getppid, after;
	__asm__ volatile(ON_FREE_STACK("pushfq; orq %2, (%%rsp); popfq; syscall; pushfq; pop %1; pushfq; andq %3, (%%rsp); popfq;")
			 : "+a"(number), "=&r"(after)
			 : "r"(set), "r"(~set)
			 : "rcx", "r11", "memory", "cc");
	return (after & set) == set;
#else
	return set;
#endif
}

CASE(calls_keep_flags)
{
	CHECK(kept(DIRECTION));
	CHECK(kept(NESTED_TASK));
	CHECK(kept(ALIGNMENT_CHECK));
	CHECK(kept(DIRECTION | NESTED_TASK));
}

CASE(a_call_in_single_steps)
{
	count_signal(SIGTRAP, 0);
#ifdef __x86_64__
	unsigned long number = SYS_getppid;
	__asm__ volatile(ON_FREE_STACK("pushfq; orq %1, (%%rsp); popfq; nop; syscall; nop; pushfq; andq %2, (%%rsp); popfq; nop;")
			 : "+a"(number)
			 : "r"((unsigned long)TRAP), "r"(~(unsigned long)TRAP)
			 : "rcx", "r11", "memory", "cc");
#else
	handled = 1;
#endif
	CHECK(handled > 0);
	CHECK(getppid() >= 0);
}
