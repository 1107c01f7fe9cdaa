/* Pages are filled when they are touched: by the program, by a fault; by the library OS, which looks before it touches. */
#include "areas.h"
#include "mmu.h"

static enum libos_fault zero_entry(const struct libos_area *area, uint64_t *entry)
{
	uint64_t page = libos_page_take();
	*entry = page ? libos_entry(page, area->prot) : 0;
	return page ? LIBOS_FILLED : LIBOS_OUT_OF_MEMORY;
}

enum libos_fault libos_memory_fault(uintptr_t address, int access)
{
	uintptr_t page = address & -(uintptr_t)LIBOS_PAGE_SIZE;
	const struct libos_area *area = libos_area_from(address);
	if (!area || area->start > address)
		return LIBOS_NOT_MAPPED;
	if (!(area->prot & access))
		return LIBOS_NO_ACCESS;
	uint64_t filled, *entry = libos_table_entry(page, true);
	if (!entry)
		return LIBOS_OUT_OF_MEMORY;
	if (libos_entry_prot(*entry) & access)
		return LIBOS_FILLED;
	enum libos_fault result = area->file ? area->file->kind->map(area, page, access, &filled)
					     : zero_entry(area, &filled);
	if (result != LIBOS_FILLED)
		return result;
	if (*entry) { /* a change of a mapping in use goes by way of none */
		*entry = 0;
		libos_forget_page(page);
	}
	*entry = filled;
	libos_entries_changed(area->prot);
	return LIBOS_FILLED;
}

static bool allows(uintptr_t address, size_t size, int access)
{
	if (!size)
		return true;
	if (size > LIBOS_DIRECT_MAP || address > LIBOS_DIRECT_MAP - size)
		return false;
	for (uintptr_t page = address & -(uintptr_t)LIBOS_PAGE_SIZE; page < address + size; page += LIBOS_PAGE_SIZE) {
		const uint64_t *entry = libos_table_entry(page, false);
		if (!(entry && libos_entry_prot(*entry) & access) && libos_memory_fault(page, access) != LIBOS_FILLED)
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
