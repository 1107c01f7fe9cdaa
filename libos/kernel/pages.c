/* Physical pages: those never used yet, and a list of those given back. */
#include "libos.h"

size_t libos_pages_free, libos_pages_total;
static uint64_t next_unused, end_of_ram, first_given;

void libos_pages_start(uint64_t start, uint64_t end)
{
	next_unused = start;
	end_of_ram = end;
	libos_pages_free = libos_pages_total = (end - start) / LIBOS_PAGE_SIZE;
}

uint64_t libos_page_take(void)
{
	uint64_t page = first_given;
	if (page)
		first_given = *(uint64_t *)libos_physical(page);
	else if (next_unused < end_of_ram) {
		page = next_unused;
		next_unused += LIBOS_PAGE_SIZE;
	} else
		return 0;
	libos_pages_free--;
	uint64_t *words = libos_physical(page);
	for (size_t i = 0; i < LIBOS_PAGE_SIZE / sizeof *words; i++)
		words[i] = 0;
	return page;
}

/* From those never used yet: the list of those given back has no order. */
uint64_t libos_pages_take(size_t count)
{
	uint64_t first = next_unused, size = count * LIBOS_PAGE_SIZE;
	if (size > end_of_ram - next_unused)
		return 0;
	next_unused += size;
	libos_pages_free -= count;
	libos_memset(libos_physical(first), 0, size);
	return first;
}

void libos_page_give(uint64_t page)
{
	*(uint64_t *)libos_physical(page) = first_given;
	first_given = page;
	libos_pages_free++;
}
