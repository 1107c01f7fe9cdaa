/* What the program asks of its address space: areas are made and go, and the pages and tables with them. */
#include "areas.h"
#include <asm/mman.h>

enum { RANDOM_PAGES = 0x3ffff };

static bool is_user(uintptr_t address, size_t size)
{
	return size <= LIBOS_DIRECT_MAP && address <= LIBOS_DIRECT_MAP - size && address >= LIBOS_PAGE_SIZE;
}

int libos_map(uintptr_t address, size_t size, int prot)
{
	const struct libos_area area = {.start = address, .end = address + size, .prot = (uint8_t)prot};
	return is_user(address, size) ? libos_area_add(&area) : -ENOMEM;
}

/* Where the search for room begins: behind what was found last, and at the start again when that was the last area. */
static uintptr_t search_start;

int libos_unmap(uintptr_t address, size_t size)
{
	uintptr_t end = address + size;
	int error = libos_area_split(address);
	if (!error)
		error = libos_area_split(end);
	if (error)
		return error;
	for (struct libos_area *area; (area = libos_area_from(address)) && area->start < end;) {
		uintptr_t start = area->start, area_end = area->end;
		libos_table_clear(start, area_end);
		libos_area_remove(area);
		libos_table_release(start, area_end);
	}
	if (end == search_start)
		search_start = address;
	return 0;
}

bool libos_unused(uintptr_t address, size_t size)
{
	if (!is_user(address, size))
		return false;
	const struct libos_area *area = libos_area_from(address);
	return !area || area->start >= address + size;
}

/* Room between start and end, or 0. */
static uintptr_t find_between(uintptr_t start, uintptr_t end, size_t size)
{
	while (start < end && size <= end - start) {
		const struct libos_area *area = libos_area_from(start);
		if (!area || (area->start > start && area->start - start >= size))
			return start;
		start = area->end;
	}
	return 0;
}

uintptr_t libos_find_unused(size_t size)
{
	const uintptr_t limit = LIBOS_STACK_END - LIBOS_STACK_SIZE - LIBOS_PAGE_SIZE;
	if (!search_start) {
		libos_random(&search_start, sizeof search_start);
		search_start = LIBOS_MMAP_START + (search_start & RANDOM_PAGES) * LIBOS_PAGE_SIZE;
	}
	uintptr_t found = find_between(search_start, limit, size);
	if (!found)
		found = find_between(LIBOS_MMAP_START, limit, size);
	if (found)
		search_start = found + size;
	return found;
}
