/* The page table is the only record of what is mapped: three levels of 512 entries on both architectures. */
#include "libos.h"
#include "mmu.h"
#include <linux/elf.h>

static uint64_t root[512] __attribute__((aligned(4096)));
static uintptr_t first_unused = LIBOS_MMAP_START;

enum { TABLE_SPAN = 512 * LIBOS_PAGE_SIZE };

/* The entry of a page, or null where there is no table; its table is made if asked for. */
static uint64_t *find_entry(uintptr_t address, bool make)
{
	uint64_t *table = root;
	for (int shift = 30; shift > 12; shift -= 9) {
		uint64_t *entry = &table[address >> shift & 511];
		if (!*entry) {
			uint64_t page = make ? libos_page_take() : 0;
			if (!page)
				return NULL;
			*entry = page | LIBOS_ENTRY_TABLE;
		}
		table = libos_physical(*entry & LIBOS_ENTRY_ADDRESS);
	}
	return &table[address >> 12 & 511];
}

static bool is_user(uintptr_t address, size_t size)
{
	return size <= LIBOS_DIRECT_MAP && address <= LIBOS_DIRECT_MAP - size && address >= LIBOS_PAGE_SIZE;
}

static bool has_pages_for(size_t size)
{
	size_t pages = size / LIBOS_PAGE_SIZE;
	return pages + pages / 512 + 4 <= libos_pages_free;
}

void libos_mapping_start(void)
{
	for (int i = 256; i < 512; i++)
		root[i] = libos_boot_root[i];
	const Elf64_Ehdr *header = (const void *)__ehdr_start;
	const Elf64_Phdr *segment = (const void *)(__ehdr_start + header->e_phoff);
	for (unsigned i = 0; i < header->e_phnum; i++) {
		if (segment[i].p_type != PT_LOAD)
			continue;
		int prot = (segment[i].p_flags & PF_R ? PROT_READ : 0) | (segment[i].p_flags & PF_W ? PROT_WRITE : 0) |
			   (segment[i].p_flags & PF_X ? PROT_EXEC : 0);
		uintptr_t end = segment[i].p_vaddr + segment[i].p_memsz;
		for (uintptr_t page = segment[i].p_vaddr & -4096ul; page < end; page += LIBOS_PAGE_SIZE)
			*find_entry(page, true) = libos_entry(page, prot);
	}
	libos_use_root(root);
}

int libos_map(uintptr_t address, size_t size, int prot)
{
	if (!is_user(address, size) || !has_pages_for(prot ? size : size / 512))
		return -ENOMEM;
	for (uintptr_t page = address; page < address + size; page += LIBOS_PAGE_SIZE)
		*find_entry(page, true) = libos_entry(prot ? libos_page_take() : 0, prot);
	libos_entries_changed(prot);
	return 0;
}

void libos_unmap(uintptr_t address, size_t size)
{
	for (uintptr_t page = address; page < address + size;) {
		uint64_t *entry = find_entry(page, false);
		if (!entry) {
			page = (page | (TABLE_SPAN - 1)) + 1;
			continue;
		}
		if (*entry & LIBOS_ENTRY_ADDRESS)
			libos_page_give(*entry & LIBOS_ENTRY_ADDRESS);
		*entry = 0;
		libos_forget_page(page);
		page += LIBOS_PAGE_SIZE;
	}
	libos_entries_changed(0);
	if (address >= LIBOS_MMAP_START && address < first_unused)
		first_unused = address;
}

int libos_protect(uintptr_t address, size_t size, int prot)
{
	if (!libos_mapped(address, size) || (prot && !has_pages_for(0)))
		return -ENOMEM;
	for (uintptr_t page = address; page < address + size; page += LIBOS_PAGE_SIZE) {
		uint64_t *entry = find_entry(page, false);
		uint64_t physical = *entry & LIBOS_ENTRY_ADDRESS;
		if (!physical && prot && !(physical = libos_page_take()))
			return -ENOMEM;
		*entry = libos_entry(physical, prot);
		libos_forget_page(page);
	}
	libos_entries_changed(prot);
	return 0;
}

int libos_move(uintptr_t from, uintptr_t to, size_t size)
{
	if (!has_pages_for(size / 512))
		return -ENOMEM;
	for (size_t offset = 0; offset < size; offset += LIBOS_PAGE_SIZE) {
		uint64_t *source = find_entry(from + offset, false);
		*find_entry(to + offset, true) = *source;
		*source = 0;
		libos_forget_page(from + offset);
	}
	libos_entries_changed(0);
	if (from >= LIBOS_MMAP_START && from < first_unused)
		first_unused = from;
	return 0;
}

bool libos_mapped(uintptr_t address, size_t size)
{
	if (!is_user(address, size))
		return false;
	for (uintptr_t page = address; page < address + size; page += LIBOS_PAGE_SIZE) {
		const uint64_t *entry = find_entry(page, false);
		if (!entry || !*entry)
			return false;
	}
	return true;
}

bool libos_unused(uintptr_t address, size_t size)
{
	if (!is_user(address, size))
		return false;
	for (uintptr_t page = address; page < address + size;) {
		const uint64_t *entry = find_entry(page, false);
		if (entry && *entry)
			return false;
		page = entry ? page + LIBOS_PAGE_SIZE : (page | (TABLE_SPAN - 1)) + 1;
	}
	return true;
}

uintptr_t libos_find_unused(size_t size)
{
	uintptr_t start = first_unused, page = start;
	bool gap = false;
	while (page < LIBOS_STACK_END - LIBOS_STACK_SIZE - LIBOS_PAGE_SIZE) {
		if (page - start >= size) {
			if (!gap)
				first_unused = start;
			return start;
		}
		const uint64_t *entry = find_entry(page, false);
		uintptr_t next = entry ? page + LIBOS_PAGE_SIZE : (page | (TABLE_SPAN - 1)) + 1;
		if (entry && *entry) {
			gap = gap || page > start;
			start = next;
		}
		page = next;
	}
	return 0;
}

static bool allows(uintptr_t address, size_t size, int prot)
{
	if (!size)
		return true;
	if (!is_user(address, size))
		return false;
	for (uintptr_t page = address & -4096ul; page < address + size; page += LIBOS_PAGE_SIZE) {
		const uint64_t *entry = find_entry(page, false);
		if (!entry || !(libos_entry_prot(*entry) & prot))
			return false;
	}
	return true;
}

bool libos_readable(const void *address, size_t size)
{
	return allows((uintptr_t)address, size, PROT_READ);
}

bool libos_writable(void *address, size_t size)
{
	return allows((uintptr_t)address, size, PROT_WRITE);
}

bool libos_executable(uintptr_t address)
{
	return allows(address, 1, PROT_EXEC);
}

bool libos_readable_string(const char *text)
{
	do {
		if (!libos_readable(text, 1))
			return false;
	} while (*text++);
	return true;
}
