/* The input is a file that a tool of the build reads. */
#define _GNU_SOURCE
#include "host.h"
#include <malloc.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* discover.c, pack.c: what is done with the file of that path */
void tool_use(char *path);
void *tool_allocate(size_t count, size_t size);
void *tool_allocate_again(void *memory, size_t size);
_Noreturn void tool_end(int status, ...);

static jmp_buf end;

_Noreturn void tool_end(int status, ...)
{
	longjmp(end, status ? status : 1);
}

enum { MOST_MEMORY = 1 << 28 };

void *tool_allocate(size_t count, size_t size)
{
	if (size && count > MOST_MEMORY / size)
		return NULL;
	return host_allocate(count * size, 16);
}

void *tool_allocate_again(void *memory, size_t size)
{
	void *larger = tool_allocate(1, size);
	size_t old = memory ? malloc_usable_size(memory) : 0;
	if (memory && larger) {
		memcpy(larger, memory, old < size ? old : size);
		host_free(memory);
	}
	return larger;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int file = -1;
	char path[64];
	if (file < 0)
		file = memfd_create("input", 0);
	if (ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	if (!setjmp(end))
		tool_use(path);
	host_free_all();
	return 0;
}
