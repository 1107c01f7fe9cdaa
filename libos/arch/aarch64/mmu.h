/* Page-table entries of aarch64 with 4 KiB granules (Arm ARM, D8.3). */
#ifndef LIBOS_MMU_H
#define LIBOS_MMU_H
#include "libos.h"
#include <asm/mman.h>
#include <stdint.h>

#define LIBOS_ENTRY_ADDRESS 0x0000fffffffff000u
enum { LIBOS_ENTRY_TABLE = 3, VALID_PAGE = 3, NORMAL = 1 << 2, READ_ONLY = 1 << 7, INNER_SHAREABLE = 3 << 8, ACCESSED = 1 << 10 };
#define NEVER_EXECUTE (3ull << 53)
#define INACCESSIBLE (1ull << 55)
/* The page belongs to a file. */
#define LIBOS_ENTRY_OF_FILE (1ull << 56)

static inline uint64_t libos_entry(uint64_t page, int prot)
{
	if (!(prot & (PROT_READ | PROT_WRITE | PROT_EXEC)))
		return page | INACCESSIBLE;
	return page | VALID_PAGE | NORMAL | INNER_SHAREABLE | ACCESSED | (prot & PROT_WRITE ? 0 : READ_ONLY) |
	       (prot & PROT_EXEC ? 0 : NEVER_EXECUTE);
}
static inline int libos_entry_prot(uint64_t entry)
{
	if (!(entry & 1))
		return PROT_NONE;
	return PROT_READ | (entry & READ_ONLY ? 0 : PROT_WRITE) | (entry & NEVER_EXECUTE ? 0 : PROT_EXEC);
}
static inline void libos_forget_page(uintptr_t address)
{
	__asm__ volatile("dsb ishst; tlbi vaae1is, %0" ::"r"(address >> 12) : "memory");
}
static inline void libos_entries_changed(int prot)
{
	if (prot & PROT_EXEC)
		__asm__ volatile("ic iallu");
	__asm__ volatile("dsb ish; isb" ::: "memory");
}
/* An entry of the root for 1 GiB of RAM beyond what start.S maps, never executed. */
static inline uint64_t libos_direct_map_entry(uint64_t start)
{
	return start | 1 | NORMAL | INNER_SHAREABLE | ACCESSED | NEVER_EXECUTE;
}
/* A table, and not a block of the direct map, or nothing. */
static inline bool libos_entry_is_table(uint64_t entry)
{
	return (entry & LIBOS_ENTRY_TABLE) == LIBOS_ENTRY_TABLE;
}
/* The first part, of 2^shift bytes, of what a block maps. */
static inline uint64_t libos_entry_of_part(uint64_t block, int shift)
{
	return block | 1u << 13 >> shift; /* a page's has the bit that a block's has not */
}
/* A page of the direct map that is only read. */
static inline uint64_t libos_entry_only_read(uint64_t page)
{
	return libos_entry(page, PROT_READ);
}
/* The table that start.S made, and the change to another. */
extern uint64_t libos_boot_root[512];
void libos_use_root(uint64_t *root);
#endif
