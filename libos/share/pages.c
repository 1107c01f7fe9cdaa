/*
 * Mappings of shared files. A page is the host's as it was when it was touched first, for as long as the file is in use and there is room;
 * what a shared mapping writes goes back by msync(2) and fsync(2), before the file is read, when the page goes, and when the file is not in
 * use any more.
 */
#include "areas.h"
#include "mmu.h"
#include "shared.h"
#include "thread.h"

/* A page in the tree that a mapping has written: its address has this bit. */
enum { WRITTEN = 1 };

/* When pages have come that are so much of all memory, they go again, and are read again when they are touched. */
enum { SHARE_OF_MEMORY = 4 };
static size_t pages_come;

/* As many whole pages as one answer has room for. */
enum { PAGES_AHEAD = (LIBOS_9P_MESSAGE - LIBOS_9P_READ_HEADER) / LIBOS_PAGE_SIZE };

static char *page_at(uint64_t slot)
{
	return libos_physical(slot & -(uint64_t)LIBOS_PAGE_SIZE);
}

static uint64_t fill(struct libos_node *node, uint64_t offset)
{
	uint64_t page = libos_page_take();
	for (size_t done = 0; page && done < LIBOS_PAGE_SIZE;) {
		long got = libos_shared_read_part(node, page_at(page) + done, LIBOS_PAGE_SIZE - done, offset + done);
		if (got < 0) {
			libos_page_give(page);
			return LIBOS_PAGE_BEYOND_END;
		}
		if (!got)
			break;
		done += (size_t)got;
	}
	return page;
}

static bool is_there(struct libos_node *node, uint64_t index)
{
	const uint64_t *slot = libos_data_slot(&node->data, index, false);
	return slot && *slot;
}

/*
 * Who touches one page after the other is likely to go on: whole pages behind those that came are read at once, until one that is there
 * already. What cannot be read is read when it is touched.
 */
static void read_ahead(struct libos_node *node, uint64_t index)
{
	const char *bytes;
	size_t count = 0;
	while (count < PAGES_AHEAD && !is_there(node, index + count))
		count++;
	long got = count ? libos_shared_read_answer(node, &bytes, count * LIBOS_PAGE_SIZE, index * LIBOS_PAGE_SIZE) : 0;
	for (; got >= LIBOS_PAGE_SIZE; got -= LIBOS_PAGE_SIZE, bytes += LIBOS_PAGE_SIZE, index++) {
		uint64_t *slot = libos_data_slot(&node->data, index, true), page = slot ? libos_page_take() : 0;
		if (!page)
			return;
		libos_memcpy(page_at(page), bytes, LIBOS_PAGE_SIZE);
		*slot = page;
		pages_come++;
	}
}

uint64_t libos_shared_page(struct libos_node *node, uint64_t offset, bool written)
{
	struct libos_shared *shared = libos_shared(node);
	if (offset >= node->size)
		libos_shared_ask(shared);
	if (offset >= node->size)
		return LIBOS_PAGE_BEYOND_END;
	node->data.mapped = true;
	const uint64_t index = offset / LIBOS_PAGE_SIZE;
	uint64_t *slot = libos_data_slot(&node->data, index, true);
	if (!slot)
		return 0;
	const bool comes = !*slot;
	uint64_t page = comes ? fill(node, offset) : *slot & -(uint64_t)LIBOS_PAGE_SIZE;
	if (!page || page == LIBOS_PAGE_BEYOND_END)
		return page;
	if (comes) {
		*slot = page;
		pages_come++;
	}
	if (written) {
		*slot |= WRITTEN;
		shared->written = true;
	}
	if (comes && index && is_there(node, index - 1))
		read_ahead(node, index + 1);
	if (pages_come > libos_pages_total / SHARE_OF_MEMORY)
		libos_attention |= LIBOS_TRIM_SHARES;
	return page;
}

/* Pages that mappings share are looked at again before they are written: the next write is heard of. */
static void protect(const struct libos_node *node)
{
	for (const struct libos_area *area = libos_area_from(0); area; area = libos_area_from(area->end))
		if (area->shared && libos_opened_node(area->file) == node)
			libos_table_clear(area->start, area->end);
}

/* How many pages from a written one on are written, too, and lie one behind the other in memory, as those do that came together. */
static size_t written_in_a_row(struct libos_node *node, uint64_t index)
{
	const uint64_t first = *libos_data_slot(&node->data, index, false);
	size_t count = 1;
	for (const uint64_t *next; (next = libos_data_slot(&node->data, index + count, false)) && *next == first + count * LIBOS_PAGE_SIZE;)
		count++;
	return count;
}

long libos_shared_write_back(struct libos_shared *shared)
{
	struct libos_node *node = &shared->node;
	if (!shared->written)
		return 0;
	protect(node);
	for (uint64_t index = 0; (index = libos_data_next(&node->data, index)) != UINT64_MAX; index++) {
		uint64_t *slot = libos_data_slot(&node->data, index, false), start = index * LIBOS_PAGE_SIZE;
		if (!(*slot & WRITTEN))
			continue;
		const size_t pages = written_in_a_row(node, index), room = pages * LIBOS_PAGE_SIZE;
		const size_t size = node->size - start < room ? node->size - start : room;
		for (size_t done = 0; done < size;) {
			long put = libos_shared_write_part(node, page_at(*slot) + done, size - done, start + done);
			if (put <= 0)
				return put ? put : -EIO;
			done += (size_t)put;
		}
		for (const uint64_t end = index + pages; index < end; index++)
			*libos_data_slot(&node->data, index, false) &= ~(uint64_t)WRITTEN;
		index--;
	}
	shared->written = false;
	return 0;
}

/* No mapping shows the file's own pages; copies that private ones have written stay. */
static void hide(const struct libos_node *node)
{
	for (const struct libos_area *area = libos_area_from(0); area; area = libos_area_from(area->end)) {
		if (!area->file || libos_opened_node(area->file) != node)
			continue;
		const uint64_t first = area->offset / LIBOS_PAGE_SIZE, end = first + (area->end - area->start) / LIBOS_PAGE_SIZE;
		for (uint64_t index = first; (index = libos_data_next(&node->data, index)) < end; index++) {
			const uintptr_t page = area->start + (index - first) * LIBOS_PAGE_SIZE;
			const uint64_t *entry = libos_table_entry(page, false);
			if (entry && *entry & LIBOS_ENTRY_OF_FILE)
				libos_table_clear(page, page + LIBOS_PAGE_SIZE);
		}
	}
}

void libos_shared_make_room(void)
{
	if (pages_come <= libos_pages_total / SHARE_OF_MEMORY)
		return;
	pages_come = 0;
	for (struct libos_shared *shared = libos_newest_shared; shared; shared = shared->older) {
		struct libos_node *node = &shared->node;
		const uint64_t size = node->size;
		/* What cannot be written stays. */
		if (!libos_is(node, S_IFREG) || !node->data.tree || libos_shared_write_back(shared))
			continue;
		hide(node);
		node->data.mapped = false; /* while the tree goes: copies are not forgotten */
		libos_data_resize(node, 0);
		node->data.mapped = true;
		node->size = size;
	}
}

void libos_shared_update(struct libos_shared *shared, const char *bytes, size_t size, uint64_t offset)
{
	struct libos_node *node = &shared->node;
	for (size_t done = 0; node->data.mapped && done < size;) {
		uint64_t at = offset + done, in_page = at % LIBOS_PAGE_SIZE;
		size_t part = size - done < LIBOS_PAGE_SIZE - in_page ? size - done : LIBOS_PAGE_SIZE - in_page;
		const uint64_t *slot = libos_data_slot(&node->data, at / LIBOS_PAGE_SIZE, false);
		if (slot && *slot)
			libos_memmove(page_at(*slot) + in_page, bytes + done, part);
		done += part;
	}
}

void libos_shared_cut(struct libos_shared *shared, uint64_t size)
{
	struct libos_node *node = &shared->node;
	const uint64_t old = node->size, in_page = size % LIBOS_PAGE_SIZE, whole = size - in_page + (in_page ? LIBOS_PAGE_SIZE : 0);
	if (!libos_is(node, S_IFREG) || !node->data.mapped || size >= old)
		return;
	const uint64_t *slot = in_page ? libos_data_slot(&node->data, size / LIBOS_PAGE_SIZE, false) : NULL;
	if (slot && *slot)
		libos_memset(page_at(*slot) + in_page, 0, LIBOS_PAGE_SIZE - in_page);
	if (whole < old)
		libos_data_resize(node, whole);
	node->size = old;
	node->data.mapped = node->data.tree;
}

long libos_shares_write_back(const struct libos_area *area)
{
	struct libos_node *node = libos_opened_node(area->file);
	return node && node->backing ? libos_shared_write_back(libos_shared(node)) : 0;
}

void libos_shares_write_all_back(void)
{
	for (struct libos_shared *shared = libos_newest_shared; shared; shared = shared->older)
		libos_shared_write_back(shared);
}
