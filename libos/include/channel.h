/* Bytes on their way from one file to another: what pipes and local sockets are made of. */
#ifndef LIBOS_CHANNEL_H
#define LIBOS_CHANNEL_H
#include "libos.h"

enum { LIBOS_CHANNEL_SIZE = 65536, LIBOS_CHANNEL_MOST = 1 << 20 };

struct libos_channel_page;
struct libos_channel {
	struct libos_channel_page *first, *last;
	size_t size;
};
static inline size_t libos_channel_room(const struct libos_channel *channel)
{
	return channel->size < LIBOS_CHANNEL_SIZE ? LIBOS_CHANNEL_SIZE - channel->size : 0;
}
/* How many of the bytes it took: fewer only where memory is short. */
size_t libos_channel_put(struct libos_channel *channel, const void *bytes, size_t size);
/* How many bytes it gave; `buffer` null: they are thrown away. */
size_t libos_channel_get(struct libos_channel *channel, void *buffer, size_t size);
/* Copies bytes that are in it, and leaves them there. */
void libos_channel_peek(const struct libos_channel *channel, size_t offset, void *buffer, size_t size);
void libos_channel_empty(struct libos_channel *channel);
#endif
