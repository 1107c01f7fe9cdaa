/* What the handlers of the program's memory share. */
#ifndef LIBOS_RANGE_H
#define LIBOS_RANGE_H
#include "libos.h"
#include <asm/mman.h>
#include <linux/mman.h>

enum { LIBOS_PROTECTIONS = PROT_READ | PROT_WRITE | PROT_EXEC };

static inline uintptr_t libos_round_up(uintptr_t value)
{
	return (value + LIBOS_PAGE_SIZE - 1) & -(uintptr_t)LIBOS_PAGE_SIZE;
}

static inline bool libos_is_range(uintptr_t address, size_t size)
{
	return address % LIBOS_PAGE_SIZE == 0 && address < LIBOS_DIRECT_MAP && size <= LIBOS_DIRECT_MAP - address;
}

/* What the program may give back or replace: not the image, which is the library OS's as well, and not page 0. */
static inline bool libos_is_replaceable(uintptr_t address, size_t size)
{
	return libos_is_range(address, size) && address && (address >= (uintptr_t)_end || address + size <= (uintptr_t)__ehdr_start);
}
#endif
