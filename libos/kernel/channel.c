/* A queue of bytes, in pages that come and go with them. */
#include "channel.h"

struct libos_channel_page {
	struct libos_channel_page *next;
	uint32_t start, end; /* of the bytes */
	char bytes[LIBOS_PAGE_SIZE - 16];
};

static bool add_page(struct libos_channel *channel)
{
	uint64_t page = libos_page_take();
	if (!page)
		return false;
	struct libos_channel_page *new = libos_physical(page);
	if (channel->last)
		channel->last->next = new;
	else
		channel->first = new;
	channel->last = new;
	return true;
}

size_t libos_channel_put(struct libos_channel *channel, const void *bytes, size_t size)
{
	size_t done = 0;
	while (done < size) {
		struct libos_channel_page *last = channel->last;
		if (!last || last->end == sizeof last->bytes) {
			if (!add_page(channel))
				break;
			continue;
		}
		size_t part = sizeof last->bytes - last->end;
		if (part > size - done)
			part = size - done;
		libos_memcpy(last->bytes + last->end, (const char *)bytes + done, part);
		last->end += (uint32_t)part;
		done += part;
	}
	channel->size += done;
	return done;
}

/* The last page stays while the channel is in use. */
size_t libos_channel_get(struct libos_channel *channel, void *buffer, size_t size)
{
	size_t done = 0;
	if (size > channel->size)
		size = channel->size;
	while (done < size) {
		struct libos_channel_page *first = channel->first;
		size_t part = first->end - first->start;
		if (part > size - done)
			part = size - done;
		if (buffer)
			libos_memcpy((char *)buffer + done, first->bytes + first->start, part);
		first->start += (uint32_t)part;
		done += part;
		if (first->start < first->end)
			break;
		first->start = first->end = 0;
		if (first->next) {
			channel->first = first->next;
			libos_page_give((uintptr_t)first - LIBOS_DIRECT_MAP);
		}
	}
	channel->size -= done;
	return done;
}

void libos_channel_peek(const struct libos_channel *channel, size_t offset, void *buffer, size_t size)
{
	for (const struct libos_channel_page *page = channel->first; page && size; page = page->next) {
		size_t held = page->end - page->start, part = held > offset ? held - offset : 0;
		if (part > size)
			part = size;
		libos_memcpy(buffer, page->bytes + page->start + offset, part);
		buffer = (char *)buffer + part;
		size -= part;
		offset -= offset < held ? offset : held;
	}
}

void libos_channel_empty(struct libos_channel *channel)
{
	while (channel->first) {
		struct libos_channel_page *page = channel->first;
		channel->first = page->next;
		libos_page_give((uintptr_t)page - LIBOS_DIRECT_MAP);
	}
	*channel = (struct libos_channel){0};
}
