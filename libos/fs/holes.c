/* Which pages a regular file has: what is neither in the archive nor in its tree is a hole. */
#include "node.h"

/* The first page from `first` on in a part of the tree, counted from its start; or how many the part has room for. */
static uint64_t next_in(uint64_t part, unsigned height, uint64_t first)
{
	const uint64_t room = 1ull << 9 * height, span = room >> 9;
	if (!part || first >= room)
		return room;
	const uint64_t *table = libos_physical(part);
	for (uint64_t i = height ? first / span : 512; i < 512; i++) {
		uint64_t found = next_in(table[i], height - 1, first > i * span ? first - i * span : 0);
		if (found < span)
			return i * span + found;
	}
	return height ? room : 0;
}

uint64_t libos_data_next(const struct libos_data *data, uint64_t first)
{
	if (first * LIBOS_PAGE_SIZE < data->archive_size)
		return first;
	uint64_t found = next_in(data->tree, data->height, first);
	return found < 1ull << 9 * data->height ? found : UINT64_MAX;
}

int64_t libos_data_seek(const struct libos_node *node, uint64_t offset, bool hole)
{
	uint64_t page = offset / LIBOS_PAGE_SIZE, found = libos_data_next(&node->data, page);
	while (hole && found == page)
		found = libos_data_next(&node->data, ++page);
	if (!hole && found == UINT64_MAX)
		return -ENXIO;
	uint64_t start = (hole ? page : found) * LIBOS_PAGE_SIZE;
	if (!hole && start >= node->size)
		return -ENXIO;
	start = start > offset ? start : offset;
	return (int64_t)(start < node->size ? start : node->size);
}

uint64_t libos_data_pages(const struct libos_node *node)
{
	uint64_t count = 0;
	for (uint64_t page = 0; (page = libos_data_next(&node->data, page)) != UINT64_MAX; page++)
		count++;
	return count;
}
