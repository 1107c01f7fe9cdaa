/*
 * Mappings of shared files. A page is the host's as it was when it was touched first, for as long as the file is in use; what a shared
 * mapping writes goes back by msync(2) and fsync(2), before the file is read, and at the end of the mapping or the program.
 */
#include "areas.h"
#include "shared.h"

/* A page in the tree that a mapping has written: its address has this bit. */
enum { WRITTEN = 1 };

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

uint64_t libos_shared_page(struct libos_node *node, uint64_t offset, bool written)
{
	struct libos_shared *shared = libos_shared(node);
	if (offset >= node->size)
		libos_shared_ask(shared);
	if (offset >= node->size)
		return LIBOS_PAGE_BEYOND_END;
	node->data.mapped = true;
	uint64_t *slot = libos_data_slot(&node->data, offset / LIBOS_PAGE_SIZE, true);
	if (!slot)
		return 0;
	if (!*slot) {
		uint64_t page = fill(node, offset);
		if (!page || page == LIBOS_PAGE_BEYOND_END)
			return page;
		*slot = page;
	}
	if (written) {
		*slot |= WRITTEN;
		shared->written = true;
	}
	return *slot & -(uint64_t)LIBOS_PAGE_SIZE;
}

/* Pages that mappings share are looked at again before they are written: the next write is heard of. */
static void protect(const struct libos_node *node)
{
	for (const struct libos_area *area = libos_area_from(0); area; area = libos_area_from(area->end))
		if (area->shared && libos_opened_node(area->file) == node)
			libos_table_clear(area->start, area->end);
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
		const size_t size = node->size - start < LIBOS_PAGE_SIZE ? node->size - start : LIBOS_PAGE_SIZE;
		for (size_t done = 0; done < size;) {
			long put = libos_shared_write_part(node, page_at(*slot) + done, size - done, start + done);
			if (put <= 0)
				return put ? put : -EIO;
			done += (size_t)put;
		}
		*slot &= ~(uint64_t)WRITTEN;
	}
	shared->written = false;
	return 0;
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

void libos_shares_end(void)
{
	for (struct libos_shared *shared = libos_newest_shared; shared; shared = shared->older)
		libos_shared_write_back(shared);
}
