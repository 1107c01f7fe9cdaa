/* The page table: three levels of 512 entries on both architectures. An entry of 0 is a page that was not touched yet. */
#include "areas.h"
#include "mmu.h"
#include <linux/elf.h>

static uint64_t root[512] __attribute__((aligned(4096)));

enum { TABLE_SPAN = 512 * LIBOS_PAGE_SIZE, GIBIBYTE = 1 << 30, DIRECT_MAP = LIBOS_DIRECT_MAP / GIBIBYTE };

/* Fills a table with the parts, of 2^shift bytes each, of a block of the direct map. */
static void divide(uint64_t block, int shift, uint64_t *table)
{
	uint64_t part = libos_entry_of_part(block, shift);
	for (unsigned i = 0; i < 512; i++, part += 1ul << shift)
		table[i] = part;
}

uint64_t *libos_table_entry(uintptr_t address, bool make)
{
	uint64_t *table = root;
	for (int shift = 30; shift > 12; shift -= 9) {
		uint64_t *entry = &table[address >> shift & 511];
		if (!libos_entry_is_table(*entry)) {
			uint64_t page = make ? libos_page_take() : 0;
			if (!page)
				return NULL;
			if (*entry)
				divide(*entry, shift - 9, libos_physical(page));
			*entry = page | LIBOS_ENTRY_TABLE;
		}
		table = libos_physical(*entry & LIBOS_ENTRY_ADDRESS);
	}
	return &table[address >> 12 & 511];
}

/* The next page that has an entry, or the end. */
static uintptr_t next_touched(uintptr_t page, uintptr_t end, uint64_t **entry)
{
	while (page < end) {
		*entry = libos_table_entry(page, false);
		if (*entry && **entry)
			return page;
		page = *entry ? page + LIBOS_PAGE_SIZE : (page | (TABLE_SPAN - 1)) + 1;
	}
	return end;
}

void libos_table_clear(uintptr_t start, uintptr_t end)
{
	uint64_t *entry;
	for (uintptr_t page = start; (page = next_touched(page, end, &entry)) < end; page += LIBOS_PAGE_SIZE) {
		uint64_t old = *entry;
		*entry = 0;
		libos_forget_page(page);
		if (!(old & LIBOS_ENTRY_OF_FILE))
			libos_page_give(old & LIBOS_ENTRY_ADDRESS);
	}
	libos_entries_changed(0);
}

void libos_table_protect(const struct libos_area *area)
{
	uint64_t *entry;
	for (uintptr_t page = area->start; (page = next_touched(page, area->end, &entry)) < area->end; page += LIBOS_PAGE_SIZE) {
		uint64_t of_file = *entry & LIBOS_ENTRY_OF_FILE;
		int prot = of_file ? area->prot & ~PROT_WRITE : area->prot; /* the file's kind hears of the first write */
		*entry = libos_entry(*entry & LIBOS_ENTRY_ADDRESS, prot) | of_file;
		libos_forget_page(page);
	}
	libos_entries_changed(area->prot);
}

int libos_table_move(uintptr_t from, uintptr_t to, size_t size)
{
	uint64_t *entry;
	for (uintptr_t page = from; (page = next_touched(page, from + size, &entry)) < from + size; page += LIBOS_PAGE_SIZE) {
		uint64_t *target = libos_table_entry(page - from + to, true);
		if (!target)
			return -ENOMEM;
		*target = *entry;
		*entry = 0;
		libos_forget_page(page);
	}
	libos_entries_changed(0);
	return 0;
}

/* The table of the level above that has the entry of this address, if there is one. */
static void release(uintptr_t address, int shift)
{
	uint64_t *entry = &root[address >> 30];
	if (shift < 30 && *entry)
		entry = (uint64_t *)libos_physical(*entry & LIBOS_ENTRY_ADDRESS) + (address >> shift & 511);
	if (!*entry)
		return;
	uint64_t table = *entry & LIBOS_ENTRY_ADDRESS;
	*entry = 0;
	libos_forget_page(address);
	libos_entries_changed(0);
	libos_page_give(table);
}

void libos_table_release(uintptr_t start, uintptr_t end)
{
	for (int shift = 21; shift <= 30; shift += 9) {
		const uintptr_t span = (uintptr_t)1 << shift;
		for (uintptr_t address = start & -span; address < end; address += span) {
			const struct libos_area *area = libos_area_from(address);
			if (!area || area->start >= address + span)
				release(address, shift);
		}
	}
}

/* A part of the image, with its distance to physical memory. */
static void map_image(uintptr_t start, uintptr_t end, uint64_t distance, int prot)
{
	const struct libos_area area = {.start = start, .end = end, .prot = (uint8_t)prot};
	if (start >= end)
		return;
	libos_area_add(&area);
	for (uintptr_t page = start; page < end; page += LIBOS_PAGE_SIZE) {
		*libos_table_entry(page, true) = libos_entry(page + distance, prot);
		if (!(prot & PROT_WRITE)) /* nor is it written by way of the direct map */
			*libos_table_entry(LIBOS_DIRECT_MAP + page + distance, true) = libos_entry_only_read(page + distance);
	}
}

void libos_tables_start(uint64_t end_of_ram)
{
	for (int i = DIRECT_MAP; i < 512; i++) {
		uint64_t start = (uint64_t)(i - DIRECT_MAP) * GIBIBYTE;
		root[i] = libos_boot_root[i] || start >= end_of_ram ? libos_boot_root[i] : libos_direct_map_entry(start);
	}
	const Elf64_Ehdr *header = (const void *)__ehdr_start;
	const Elf64_Phdr *segment = (const void *)(__ehdr_start + header->e_phoff);
	for (unsigned i = 0; i < header->e_phnum; i++) {
		if (segment[i].p_type != PT_LOAD)
			continue;
		uintptr_t start = segment[i].p_vaddr & -4096ul, end = (segment[i].p_vaddr + segment[i].p_memsz + 4095) & -4096ul;
		uint64_t distance = segment[i].p_paddr - segment[i].p_vaddr;
		int prot = (segment[i].p_flags & PF_R ? PROT_READ : 0) | (segment[i].p_flags & PF_W ? PROT_WRITE : 0) |
			   (segment[i].p_flags & PF_X ? PROT_EXEC : 0);
		if ((uintptr_t)libos_guard >= start && (uintptr_t)libos_guard < end) {
			map_image(start, (uintptr_t)libos_constant, distance, prot);
			map_image((uintptr_t)libos_constant, (uintptr_t)libos_guard, distance, PROT_READ);
			start = (uintptr_t)libos_guard + LIBOS_PAGE_SIZE;
		}
		map_image(start, end, distance, prot);
	}
	libos_use_root(root);
}
