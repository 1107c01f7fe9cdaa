/* Mappings of files: the entries of the page table that show their pages. */
#include "areas.h"
#include "mmu.h"
#include "node.h"

static uint64_t page_of(struct libos_node *node, uint64_t offset, bool written)
{
	return node->backing ? node->backing->page(node, offset, written) : libos_data_page(node, offset);
}

/* The file's own page, or what a private mapping writes to, which is a copy. */
enum libos_fault libos_node_map(const struct libos_area *area, uintptr_t page, int access, uint64_t *entry)
{
	struct libos_node *node = libos_opened_node(area->file);
	const bool writes = access == PROT_WRITE;
	uint64_t own = page_of(node, area->offset + (page - area->start), writes && area->shared);
	if (!own)
		return LIBOS_OUT_OF_MEMORY;
	if (own == LIBOS_PAGE_BEYOND_END)
		return LIBOS_BEYOND_END_OF_FILE;
	if (area->shared || !writes) { /* a backing hears of the first write to a page */
		int prot = area->shared && (writes || !node->backing) ? area->prot : area->prot & ~PROT_WRITE;
		*entry = libos_entry(own, prot) | LIBOS_ENTRY_OF_FILE;
		return LIBOS_FILLED;
	}
	uint64_t copied = libos_page_take();
	if (!copied)
		return LIBOS_OUT_OF_MEMORY;
	libos_memcpy(libos_physical(copied), libos_physical(own), LIBOS_PAGE_SIZE);
	*entry = libos_entry(copied, area->prot);
	return LIBOS_FILLED;
}
