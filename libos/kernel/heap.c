/* Memory of the library OS itself: blocks of powers of two, cut from pages. Larger ones than half a page are pages in a row. */
#include "libos.h"

enum { SMALLEST = 32, CLASSES = 7 };

/* Before each block; `class` is CLASSES for pages in a row, of which `pages` counts. */
struct header {
	size_t class, pages;
};
struct free_block {
	struct free_block *next;
};
static struct free_block *free_blocks[CLASSES];

static size_t class_of(size_t size)
{
	size_t class = 0;
	while (class < CLASSES && (size_t)SMALLEST << class < size)
		class++;
	return class;
}

static bool cut_page(size_t class)
{
	uint64_t page = libos_page_take();
	if (!page)
		return false;
	char *start = libos_physical(page);
	for (size_t offset = 0; offset < LIBOS_PAGE_SIZE; offset += (size_t)SMALLEST << class) {
		struct free_block *block = (void *)(start + offset);
		block->next = free_blocks[class];
		free_blocks[class] = block;
	}
	return true;
}

void *libos_allocate_unset(size_t size)
{
	size += sizeof(struct header);
	size_t class = class_of(size);
	struct header *header;
	if (class == CLASSES) {
		size_t pages = (size + LIBOS_PAGE_SIZE - 1) / LIBOS_PAGE_SIZE;
		uint64_t first = libos_pages_take(pages);
		if (!first)
			return NULL;
		header = libos_physical(first);
		*header = (struct header){class, pages};
		return header + 1;
	}
	if (!free_blocks[class] && !cut_page(class))
		return NULL;
	header = (void *)free_blocks[class];
	free_blocks[class] = free_blocks[class]->next;
	header->class = class;
	return header + 1;
}

void *libos_allocate(size_t size)
{
	struct header *memory = libos_allocate_unset(size);
	if (memory && memory[-1].class < CLASSES) /* pages are zeros */
		libos_memset(memory, 0, size);
	return memory;
}

void libos_free(void *memory)
{
	if (!memory)
		return;
	struct header *header = (struct header *)memory - 1;
	size_t class = header->class;
	if (class == CLASSES) {
		uint64_t first = (uintptr_t)header - LIBOS_DIRECT_MAP;
		for (size_t i = 0, pages = header->pages; i < pages; i++)
			libos_page_give(first + i * LIBOS_PAGE_SIZE);
		return;
	}
	struct free_block *block = (void *)header;
	block->next = free_blocks[class];
	free_blocks[class] = block;
}
