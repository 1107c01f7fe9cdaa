/*
 * Physical pages by the buddy system: free blocks of 2^order pages, which are merged with their other half when they are given
 * back. RAM that was never used is cut off in the largest blocks that its address allows, so that the start costs nothing.
 */
#include "libos.h"

enum { LARGEST_ORDER = 10, ORDERS = LARGEST_ORDER + 1, MOST_RANGES = 8, NOT_FREE = 0 };

struct block {
	struct block *next, *previous;
};
struct range {
	uint64_t start, next_unused, end;
	uint8_t *free_orders; /* of each page that begins a free block: its order + 1 */
};

size_t libos_pages_free, libos_pages_total;
static struct range ranges[MOST_RANGES];
static unsigned range_count;
static struct block *free_blocks[ORDERS];

static uint64_t size_of(unsigned order)
{
	return (uint64_t)LIBOS_PAGE_SIZE << order;
}

static uint8_t *free_order(const struct range *range, uint64_t page)
{
	return &range->free_orders[(page - range->start) / LIBOS_PAGE_SIZE];
}

static struct range *range_of(uint64_t page)
{
	for (struct range *range = ranges; range < ranges + range_count; range++)
		if (page >= range->start && page < range->end)
			return range;
	return NULL;
}

void libos_pages_add(uint64_t start, uint64_t end)
{
	const uint64_t orders = ((end - start) / LIBOS_PAGE_SIZE + LIBOS_PAGE_SIZE - 1) & -(uint64_t)LIBOS_PAGE_SIZE;
	if (range_count == MOST_RANGES || start + orders >= end)
		return;
	ranges[range_count++] = (struct range){start, start + orders, end, libos_physical(start)};
	libos_pages_free += (end - start - orders) / LIBOS_PAGE_SIZE;
	libos_pages_total = libos_pages_free;
}

static void put(struct range *range, uint64_t page, unsigned order)
{
	struct block *block = libos_physical(page);
	*block = (struct block){free_blocks[order], NULL};
	if (block->next)
		block->next->previous = block;
	free_blocks[order] = block;
	*free_order(range, page) = (uint8_t)(order + 1);
}

static void take_out(struct range *range, uint64_t page, unsigned order)
{
	struct block *block = libos_physical(page);
	if (block->previous)
		block->previous->next = block->next;
	else
		free_blocks[order] = block->next;
	if (block->next)
		block->next->previous = block->previous;
	*free_order(range, page) = NOT_FREE;
}

/* Pages never used, in a row; nothing is known of them yet. */
static uint64_t cut(struct range *range, uint64_t size)
{
	uint64_t page = range->next_unused;
	range->next_unused += size;
	libos_memset(free_order(range, page), NOT_FREE, size / LIBOS_PAGE_SIZE);
	return page;
}

/* The last range first: what lies low stays free for what needs to. */
static bool cut_block(void)
{
	for (struct range *range = ranges + range_count; range-- > ranges;) {
		unsigned order = LARGEST_ORDER;
		if (range->next_unused == range->end)
			continue;
		while (range->next_unused % size_of(order) || range->end - range->next_unused < size_of(order))
			order--;
		put(range, cut(range, size_of(order)), order);
		return true;
	}
	return false;
}

static uint64_t take_block(unsigned order)
{
	for (;;) {
		unsigned larger = order;
		while (larger < ORDERS && !free_blocks[larger])
			larger++;
		if (larger < ORDERS) {
			uint64_t page = (uintptr_t)free_blocks[larger] - LIBOS_DIRECT_MAP;
			struct range *range = range_of(page);
			take_out(range, page, larger);
			while (larger-- > order)
				put(range, page + size_of(larger), larger);
			return page;
		}
		if (!cut_block())
			return 0;
	}
}

static void give_block(uint64_t page, unsigned order)
{
	struct range *range = range_of(page);
	for (; order < LARGEST_ORDER; order++) {
		uint64_t other = page ^ size_of(order);
		if (other < range->start || other >= range->next_unused || *free_order(range, other) != order + 1)
			break;
		take_out(range, other, order);
		page &= ~size_of(order);
	}
	put(range, page, order);
}

uint64_t libos_pages_take(size_t count)
{
	uint64_t page = 0, size = count * LIBOS_PAGE_SIZE;
	unsigned order = 0;
	if (count > libos_pages_free)
		return 0;
	while (order < ORDERS && (size_t)1 << order < count)
		order++;
	if (order < ORDERS) {
		page = take_block(order);
		for (uint64_t rest = page + size; page && rest < page + size_of(order); rest += LIBOS_PAGE_SIZE)
			give_block(rest, 0);
	}
	for (struct range *range = ranges; !page && range < ranges + range_count; range++)
		if (range->end - range->next_unused >= size)
			page = cut(range, size);
	if (!page)
		return 0;
	libos_pages_free -= count;
	libos_memset(libos_physical(page), 0, size);
	return page;
}

uint64_t libos_page_take(void)
{
	return libos_pages_take(1);
}

void libos_page_give(uint64_t page)
{
	if (!range_of(page)) /* of the image */
		return;
	libos_pages_free++;
	give_block(page, 0);
}
