/* Page-table entries of x86_64 (Intel SDM 3A, 4.5). */
#ifndef LIBOS_MMU_H
#define LIBOS_MMU_H
#include "libos.h"
#include <asm/mman.h>
#include <stdint.h>

#define LIBOS_ENTRY_ADDRESS 0x000ffffffffff000u
enum { LIBOS_ENTRY_TABLE = 3, PRESENT = 1, WRITABLE = 2, LARGE = 1 << 7, INACCESSIBLE = 1 << 9 };
/* The page belongs to a file. */
enum { LIBOS_ENTRY_OF_FILE = 1 << 10 };

static inline uint64_t libos_entry(uint64_t page, int prot)
{
	if (!(prot & (PROT_READ | PROT_WRITE | PROT_EXEC)))
		return page | INACCESSIBLE;
	return page | PRESENT | (prot & PROT_WRITE ? WRITABLE : 0) | (prot & PROT_EXEC ? 0 : 1ull << 63);
}
static inline int libos_entry_prot(uint64_t entry)
{
	if (!(entry & PRESENT))
		return PROT_NONE;
	return PROT_READ | (entry & WRITABLE ? PROT_WRITE : 0) | (entry >> 63 ? 0 : PROT_EXEC);
}
static inline void libos_forget_page(uintptr_t address)
{
	__asm__ volatile("invlpg (%0)" ::"r"(address) : "memory");
}
static inline void libos_entries_changed(int prot)
{
	(void)prot;
}
/* An entry of the root for 1 GiB of RAM beyond what start.S maps, never executed; 0: there is no memory. */
static inline uint64_t libos_direct_map_entry(uint64_t start)
{
	uint64_t table = libos_page_take(), *entries = libos_physical(table);
	if (!table)
		return 0;
	for (unsigned i = 0; i < 512; i++)
		entries[i] = (start + i * 0x200000ull) | LARGE | WRITABLE | PRESENT;
	return table | LIBOS_ENTRY_TABLE | 1ull << 63;
}
/* A table, and not a block of the direct map, or nothing. */
static inline bool libos_entry_is_table(uint64_t entry)
{
	return (entry & (PRESENT | LARGE)) == PRESENT;
}
/* The first part, of 2^shift bytes, of what a block maps: only those of 2 MiB are divided, into pages. */
static inline uint64_t libos_entry_of_part(uint64_t block, int shift)
{
	(void)shift;
	return block & ~(uint64_t)LARGE;
}
/* A page of the direct map that is only read. That it is never executed says the root: start.S has the same tables where code runs. */
static inline uint64_t libos_entry_only_read(uint64_t page)
{
	return page | PRESENT;
}
/* The table that start.S made, and the change to another. */
extern uint64_t libos_boot_root[512];
void libos_use_root(uint64_t *root);
#endif
