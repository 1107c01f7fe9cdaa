/* Pages are filled when they are touched: by the program, by a fault; by the library OS, which looks before it touches. */
#include "areas.h"
#include "mmu.h"

bool libos_out_of_memory;

/* The entry for a page of a file: the file's own, or what a private mapping writes to, which is a copy. */
static uint64_t file_entry(const struct libos_area *area, uintptr_t page, bool copy)
{
	uint64_t own = area->file->kind->page(area->file, area->offset + (page - area->start));
	if (!own || (!copy && area->shared))
		return own ? libos_entry(own, area->prot) | LIBOS_ENTRY_OF_FILE : 0;
	if (!copy)
		return libos_entry(own, area->prot & ~PROT_WRITE) | LIBOS_ENTRY_OF_FILE;
	uint64_t copied = libos_page_take();
	if (!copied)
		return 0;
	libos_memcpy(libos_physical(copied), libos_physical(own), LIBOS_PAGE_SIZE);
	return libos_entry(copied, area->prot);
}

static uint64_t zero_entry(const struct libos_area *area)
{
	uint64_t page = libos_page_take();
	return page ? libos_entry(page, area->prot) : 0;
}

bool libos_memory_fault(uintptr_t address, int access)
{
	uintptr_t page = address & -(uintptr_t)LIBOS_PAGE_SIZE;
	const struct libos_area *area = libos_area_from(address);
	libos_out_of_memory = false;
	if (!area || area->start > address || !(area->prot & access))
		return false;
	uint64_t *entry = libos_table_entry(page, true);
	if (entry && libos_entry_prot(*entry) & access)
		return true;
	uint64_t filled = !entry ? 0 : area->file ? file_entry(area, page, access == PROT_WRITE && !area->shared) : zero_entry(area);
	if (!filled) {
		libos_out_of_memory = true;
		return false;
	}
	if (*entry) { /* a change of a mapping in use goes by way of none */
		*entry = 0;
		libos_forget_page(page);
	}
	*entry = filled;
	libos_entries_changed(area->prot);
	return true;
}

static bool allows(uintptr_t address, size_t size, int access)
{
	if (!size)
		return true;
	if (size > LIBOS_DIRECT_MAP || address > LIBOS_DIRECT_MAP - size)
		return false;
	for (uintptr_t page = address & -(uintptr_t)LIBOS_PAGE_SIZE; page < address + size; page += LIBOS_PAGE_SIZE) {
		const uint64_t *entry = libos_table_entry(page, false);
		if (!(entry && libos_entry_prot(*entry) & access) && !libos_memory_fault(page, access))
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
