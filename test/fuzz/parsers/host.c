/* The memory of a run, as the library OS asks for it. */
#include "host.h"
#include "libos.h"
#include "thread.h"
#include <stdlib.h>
#include <string.h>

/* Behind what is allocated there is nothing, so that this is elsewhere. */
static void **blocks;
static size_t count, room;
uint64_t host_direct_map;
uint8_t libos_attention;

void *host_allocate(size_t size, size_t alignment)
{
	void *memory;
	if (count == room && !(blocks = realloc(blocks, (room = room ? 2 * room : 64) * sizeof *blocks)))
		abort();
	if (posix_memalign(&memory, alignment, size ? size : 1))
		abort();
	memset(memory, 0, size);
	return blocks[count++] = memory;
}

void *host_copy(const void *bytes, size_t size)
{
	void *copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	memcpy(copy, bytes, size);
	if (count == room && !(blocks = realloc(blocks, (room = room ? 2 * room : 64) * sizeof *blocks)))
		abort();
	return blocks[count++] = copy;
}

void host_free(void *memory)
{
	for (size_t i = count; memory && i-- > 0;)
		if (blocks[i] == memory) {
			blocks[i] = blocks[--count];
			free(memory);
			return;
		}
	if (memory)
		abort(); /* freed twice, or never allocated */
}

void host_free_all(void)
{
	while (count)
		free(blocks[--count]);
}

uint64_t host_take(struct host_input *input, size_t bytes)
{
	uint64_t value = 0;
	for (size_t i = 0; i < bytes && input->left; i++, input->left--)
		value |= (uint64_t)*input->next++ << 8 * i;
	return value;
}

enum { MOST_MEMORY = 1 << 26 };

void *libos_allocate(size_t size)
{
	return size <= MOST_MEMORY ? host_allocate(size, 16) : NULL;
}

void libos_free(void *memory)
{
	host_free(memory);
}

uint64_t libos_pages_take(size_t pages)
{
	return pages <= MOST_MEMORY / LIBOS_PAGE_SIZE
		       ? (uintptr_t)host_allocate(pages * LIBOS_PAGE_SIZE, LIBOS_PAGE_SIZE) - host_direct_map
		       : 0;
}

uint64_t libos_page_take(void)
{
	return libos_pages_take(1);
}

void libos_page_give(uint64_t page)
{
	host_free(libos_physical(page));
}

uint64_t libos_realtime(void)
{
	return 0;
}

uint64_t libos_clock_nanoseconds(void)
{
	static uint64_t now;
	return now += 1000000;
}

void libos_random(void *buffer, size_t size)
{
	memset(buffer, 0, size);
}

void libos_print(const char *text)
{
	(void)text;
}

void libos_pause(uint64_t nanoseconds)
{
	(void)nanoseconds;
}
