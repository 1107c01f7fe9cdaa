/* The content of regular files: pages that can be mapped, and what the archive holds until it is changed. */
#include "areas.h"
#include "node.h"

/* fs/archive.c: whether a page is of the archive, where a file may use it */
bool libos_archive_holds(uint64_t page);

uint64_t *libos_data_slot(struct libos_data *data, uint64_t index, bool make)
{
	enum { BITS = 9, MASK = 511 };
	while (index >> BITS * data->height) {
		if (!make)
			return NULL;
		if (data->tree) {
			uint64_t table = libos_page_take();
			if (!table)
				return NULL;
			*(uint64_t *)libos_physical(table) = data->tree;
			data->tree = table;
		}
		data->height++;
	}
	uint64_t *slot = &data->tree;
	for (unsigned height = data->height; height--;) {
		if (!*slot && (!make || !(*slot = libos_page_take())))
			return NULL;
		slot = (uint64_t *)libos_physical(*slot) + (index >> BITS * height & MASK);
	}
	return slot;
}

static size_t smaller(size_t one, size_t other)
{
	return one < other ? one : other;
}

/* What the archive has of a page, which may be nothing. */
static size_t archive_part(const struct libos_data *data, uint64_t offset)
{
	return offset < data->archive_size ? smaller(data->archive_size - offset, LIBOS_PAGE_SIZE) : 0;
}

/* A whole page of the archive that is at a page's address is used where it is. */
static uint64_t make_page(const struct libos_data *data, uint64_t offset)
{
	size_t part = archive_part(data, offset);
	const char *content = data->archive + offset;
	if (part == LIBOS_PAGE_SIZE && (uintptr_t)content % LIBOS_PAGE_SIZE == 0)
		return (uintptr_t)content - LIBOS_DIRECT_MAP;
	uint64_t page = libos_page_take();
	if (page)
		libos_memcpy(libos_physical(page), content, part);
	return page;
}

static uint64_t get_page(struct libos_node *node, uint64_t index)
{
	uint64_t *slot = libos_data_slot(&node->data, index, true);
	if (slot && !*slot)
		*slot = make_page(&node->data, index * LIBOS_PAGE_SIZE);
	return slot ? *slot : 0;
}

uint64_t libos_data_page(struct libos_node *node, uint64_t offset)
{
	if (offset >= node->size)
		return LIBOS_PAGE_BEYOND_END;
	node->data.mapped = true;
	return get_page(node, offset / LIBOS_PAGE_SIZE);
}

long libos_data_read(struct libos_node *node, char *buffer, size_t size, uint64_t offset)
{
	if (offset >= node->size)
		return 0;
	size = smaller(size, node->size - offset);
	for (size_t done = 0; done < size;) {
		uint64_t at = offset + done, start = at & -4096ul, in_page = at - start;
		size_t part = smaller(size - done, LIBOS_PAGE_SIZE - in_page);
		const uint64_t *slot = libos_data_slot(&node->data, at / LIBOS_PAGE_SIZE, false);
		if (slot && *slot)
			libos_memcpy(buffer + done, (char *)libos_physical(*slot) + in_page, part);
		else {
			size_t archived = archive_part(&node->data, start);
			archived = archived > in_page ? smaller(archived - in_page, part) : 0;
			libos_memcpy(buffer + done, node->data.archive + at, archived);
			libos_memset(buffer + done + archived, 0, part - archived);
		}
		done += part;
	}
	return (long)size;
}

long libos_data_write(struct libos_node *node, const char *buffer, size_t size, uint64_t offset)
{
	size_t done = 0;
	if (offset >= LIBOS_FILE_MAX)
		return -EFBIG;
	size = smaller(size, LIBOS_FILE_MAX - offset);
	while (done < size) {
		uint64_t at = offset + done, in_page = at % LIBOS_PAGE_SIZE;
		size_t part = smaller(size - done, LIBOS_PAGE_SIZE - in_page);
		uint64_t page = get_page(node, at / LIBOS_PAGE_SIZE);
		if (!page)
			break;
		libos_memcpy((char *)libos_physical(page) + in_page, buffer + done, part);
		done += part;
		if (at + part > node->size)
			node->size = at + part;
	}
	if (done)
		libos_node_modified(node);
	return done || !size ? (long)done : -ENOSPC;
}

/* Pages of the archive are not of those that are taken and given; bits beside the address are up to a backing. */
static void give(uint64_t page)
{
	page &= -(uint64_t)LIBOS_PAGE_SIZE;
	if (!libos_archive_holds(page))
		libos_page_give(page);
}

/* Takes the pages from `first` on, and the tables that are left without, from a part of the tree. */
static void drop(struct libos_data *data, uint64_t *slot, unsigned height, uint64_t first)
{
	if (!*slot)
		return;
	if (height) {
		uint64_t *table = libos_physical(*slot), span = 1ull << 9 * (height - 1);
		for (uint64_t i = first / span; i < 512; i++)
			drop(data, &table[i], height - 1, first > i * span ? first - i * span : 0);
		if (first)
			return;
		libos_page_give(*slot);
	} else
		give(*slot);
	*slot = 0;
}

/* No mapping shows pages from an offset on any more: the next access is SIGBUS, also to what was copied (mmap(2)). */
static void forget_mappings(const struct libos_node *node, uint64_t offset)
{
	for (const struct libos_area *area = libos_area_from(0); area; area = libos_area_from(area->end)) {
		uint64_t behind = offset > area->offset ? offset - area->offset : 0;
		if (area->file && libos_opened_node(area->file) == node && behind < area->end - area->start)
			libos_table_clear(area->start + behind, area->end);
	}
}

void libos_data_resize(struct libos_node *node, uint64_t size)
{
	struct libos_data *data = &node->data;
	if (size < node->size) {
		uint64_t first = (size + LIBOS_PAGE_SIZE - 1) / LIBOS_PAGE_SIZE;
		if (data->mapped)
			forget_mappings(node, first * LIBOS_PAGE_SIZE);
		if (!(first >> 9 * data->height))
			drop(data, &data->tree, data->height, first);
		if (!data->tree)
			data->height = 0;
		if (data->archive_size > size)
			data->archive_size = size;
		libos_data_punch(node, size, first * LIBOS_PAGE_SIZE);
	}
	node->size = size;
}

void libos_data_punch(struct libos_node *node, uint64_t start, uint64_t end)
{
	while (start < end) {
		uint64_t in_page = start % LIBOS_PAGE_SIZE;
		size_t part = smaller(end - start, LIBOS_PAGE_SIZE - in_page);
		bool archived = start < node->data.archive_size;
		uint64_t *slot = libos_data_slot(&node->data, start / LIBOS_PAGE_SIZE, archived);
		if (slot && archived && !*slot)
			*slot = make_page(&node->data, start - in_page);
		if (slot && *slot)
			libos_memset((char *)libos_physical(*slot) + in_page, 0, part);
		start += part;
	}
}
