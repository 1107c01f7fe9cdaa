/* What case.h offers. */
#include "case.h"
#include <setjmp.h>

void *nowhere = (void *)8;
volatile sig_atomic_t handled;
volatile int touch_code;

static const struct {
	int number;
	const char *name;
} errors[] = {
#define NAME(error) {error, #error}
	NAME(EPERM), NAME(ENOENT), NAME(ESRCH), NAME(EINTR), NAME(EIO), NAME(ENXIO), NAME(E2BIG), NAME(ENOEXEC), NAME(EBADF),
	NAME(ECHILD), NAME(EAGAIN), NAME(ENOMEM), NAME(EACCES), NAME(EFAULT), NAME(ENOTBLK), NAME(EBUSY), NAME(EEXIST),
	NAME(EXDEV), NAME(ENODEV), NAME(ENOTDIR), NAME(EISDIR), NAME(EINVAL), NAME(ENFILE), NAME(EMFILE), NAME(ENOTTY),
	NAME(ETXTBSY), NAME(EFBIG), NAME(ENOSPC), NAME(ESPIPE), NAME(EROFS), NAME(EMLINK), NAME(EPIPE), NAME(EDOM),
	NAME(ERANGE), NAME(EDEADLK), NAME(ENAMETOOLONG), NAME(ENOLCK), NAME(ENOSYS), NAME(ENOTEMPTY), NAME(ELOOP),
	NAME(ENODATA), NAME(ETIME), NAME(EPROTO), NAME(EOVERFLOW), NAME(ENOTSOCK), NAME(EDESTADDRREQ), NAME(EMSGSIZE),
	NAME(EPROTOTYPE), NAME(ENOPROTOOPT), NAME(EPROTONOSUPPORT), NAME(ESOCKTNOSUPPORT), NAME(EOPNOTSUPP),
	NAME(EPFNOSUPPORT), NAME(EAFNOSUPPORT), NAME(EADDRINUSE), NAME(EADDRNOTAVAIL), NAME(ENETDOWN), NAME(ENETUNREACH),
	NAME(ECONNABORTED), NAME(ECONNRESET), NAME(ENOBUFS), NAME(EISCONN), NAME(ENOTCONN), NAME(ETIMEDOUT),
	NAME(ECONNREFUSED), NAME(EHOSTUNREACH), NAME(EALREADY), NAME(EINPROGRESS), NAME(ECANCELED), NAME(EOWNERDEAD),
};

const char *error_name(int error)
{
	static char number[16];
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (errors[i].number == error)
			return errors[i].name;
	snprintf(number, sizeof number, "%d", error);
	return number;
}

long print_result(const char *call, long result)
{
	printf("%s = %ld%s%s\n", call, result, result < 0 ? " " : "", result < 0 ? error_name(errno) : "");
	return result;
}

long print_success(const char *call, long result)
{
	bool failed = result < 0 && result >= -PAGE;
	printf("%s %s%s\n", call, failed ? "fails with " : "works", failed ? error_name(errno) : "");
	return result;
}

int make_file(const char *path, const char *content)
{
	int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (write(descriptor, content, strlen(content)) != (ssize_t)strlen(content))
		printf("%s cannot be made\n", path);
	return descriptor;
}

void print_content(int descriptor)
{
	char bytes[256];
	ssize_t size = pread(descriptor, bytes, sizeof bytes, 0);
	printf("content \"");
	for (ssize_t i = 0; i < size; i++)
		putchar(bytes[i] ? bytes[i] : '.');
	puts("\"");
}

char *map_pages(size_t count, int prot)
{
	char *pages = mmap(NULL, count * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		puts("no memory to map");
	return pages;
}

void sleep_milliseconds(long milliseconds)
{
	struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
	while (nanosleep(&time, &time) && errno == EINTR)
		;
}

struct timespec in_milliseconds(long milliseconds, clockid_t clock)
{
	struct timespec when;
	clock_gettime(clock, &when);
	when.tv_nsec += milliseconds * 1000000;
	when.tv_sec += when.tv_nsec / 1000000000;
	when.tv_nsec %= 1000000000;
	return when;
}

long milliseconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void count(int number)
{
	(void)number;
	handled++;
}

void count_signal(int number, int flags)
{
	struct sigaction action = {.sa_handler = count, .sa_flags = flags};
	sigaction(number, &action, NULL);
}

static sigjmp_buf before_touch;

static void leave(int number, siginfo_t *info, void *context)
{
	(void)context;
	touch_code = info->si_code;
	siglongjmp(before_touch, number);
}

int touch(volatile char *byte, bool write)
{
	struct sigaction action = {.sa_sigaction = leave, .sa_flags = SA_SIGINFO}, segv, bus;
	sigaction(SIGSEGV, &action, &segv);
	sigaction(SIGBUS, &action, &bus);
	touch_code = 0;
	int number = sigsetjmp(before_touch, 1);
	if (!number) {
		char value = *byte;
		if (write)
			*byte = value;
	}
	sigaction(SIGSEGV, &segv, NULL);
	sigaction(SIGBUS, &bus, NULL);
	return number;
}
