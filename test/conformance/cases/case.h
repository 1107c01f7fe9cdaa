/* What every file of cases uses. A case prints what it observed of the system, and nothing that differs from run to run. */
#ifndef CASE_H
#define CASE_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct test_case {
	const char *name;
	void (*run)(void);
};

/* CASE(name) { … }: it runs in a new, empty current folder, with the descriptors 0, 1 and 2, and with default signals. */
#define CASE(name)                                                                                                  \
	static void name(void);                                                                                     \
	static const struct test_case name##_case __attribute__((used, section("cases"))) = {#name, name};          \
	static void name(void)

/* Prints a call with its result, and the error's name when it is negative. */
#define TRY(call) print_result(#call, (errno = 0, (long)(call)))
/* The same for a result that is another each time: it prints only whether the call failed. Returns the result. */
#define WORKS(call) print_success(#call, (errno = 0, (long)(call)))
#define CHECK(condition) printf("%s: %s\n", #condition, (condition) ? "yes" : "no")

enum { PAGE = 4096 };
/* An address that is never mapped. */
extern void *nowhere;

long print_result(const char *call, long result);
long print_success(const char *call, long result);
/* EINVAL for 22. */
const char *error_name(int error);

/* What several subjects need. */

/* Creates a file with that content, and opens it for reading and writing. */
int make_file(const char *path, const char *content);
/* Prints a file's content from its beginning, and leaves the offset where it is. */
void print_content(int descriptor);
/* Pages of anonymous memory. */
char *map_pages(size_t count, int prot);
void sleep_milliseconds(long milliseconds);
/* So many milliseconds from now on by the clock. */
struct timespec in_milliseconds(long milliseconds, clockid_t clock);
/* Milliseconds of the monotonic clock. */
long milliseconds_now(void);
/* Sets a handler that counts in `handled`. */
void count_signal(int number, int flags);
extern volatile sig_atomic_t handled;
/* Reads or writes (write: true) that byte; returns the number of the signal that this raises, or 0; its code is left in touch_code. */
int touch(volatile char *byte, bool write);
extern volatile int touch_code;

#endif
