/* The virtio network card (virtio 1.2, 5.1): one queue in each direction, no offloads. */
#include "network_card.h"
#include "virtio.h"

enum { RECEIVE = 0, SEND = 1, HAS_ADDRESS = 1 << 5 };
enum { HEADER = 12 };		    /* struct virtio_net_hdr, with num_buffers as VERSION_1 has it */
enum { LONGEST_WAIT = 10000000 };   /* for a free buffer, in nanoseconds */

static struct libos_virtio card;
static struct libos_virtqueue incoming, outgoing;
static bool holds, unsent;
static unsigned held;
unsigned libos_card_interrupt;

bool libos_card_start(uint8_t address[6])
{
	uint64_t features;
	if (!libos_virtio_find(LIBOS_VIRTIO_NETWORK, 0, &card) || !libos_virtio_start(&card, HAS_ADDRESS | LIBOS_VIRTIO_EVENT_INDEX, &features) ||
	    !libos_virtqueue_start(&incoming, &card, RECEIVE, false) || !libos_virtqueue_start(&outgoing, &card, SEND, true))
		return false;
	libos_virtio_ready(&card);
	libos_virtqueue_tell(&incoming);
	libos_random(address, 6);
	address[0] = (uint8_t)((address[0] & 0xfc) | 2); /* local, and of one card */
	for (unsigned i = 0; i < 6 && features & HAS_ADDRESS; i++)
		address[i] = card.transport->configuration(&card, i);
	libos_card_interrupt = card.interrupt;
	return true;
}

bool libos_card_send(void (*fill)(char *to, size_t size, void *from), void *from, size_t size)
{
	unsigned number;
	char *buffer = libos_virtqueue_free(&outgoing, &number);
	if (!buffer)
		libos_card_flush();
	for (uint64_t start = buffer ? 0 : libos_clock_nanoseconds(); !buffer; buffer = libos_virtqueue_free(&outgoing, &number))
		if (libos_clock_nanoseconds() - start > LONGEST_WAIT)
			return false;
	if (size > LIBOS_LARGEST_FRAME)
		return false;
	libos_memset(buffer, 0, HEADER);
	fill(buffer + HEADER, size, from);
	libos_virtqueue_give(&outgoing, number, HEADER + size);
	unsent = true;
	return true;
}

void libos_card_flush(void)
{
	if (unsent)
		libos_virtqueue_tell(&outgoing);
	unsent = false;
}

const char *libos_card_receive(size_t *size)
{
	if (holds) {
		libos_virtqueue_give(&incoming, held, LIBOS_QUEUE_BUFFER);
		holds = false;
		libos_virtqueue_tell(&incoming);
	}
	for (;;) {
		const char *buffer = libos_virtqueue_take(&incoming, &held, size);
		holds = buffer;
		if (!buffer || *size > HEADER) {
			*size -= buffer ? HEADER : 0;
			return buffer ? buffer + HEADER : NULL;
		}
		libos_virtqueue_give(&incoming, held, LIBOS_QUEUE_BUFFER);
	}
}

void libos_card_acknowledge(void)
{
	if (card.transport)
		card.transport->acknowledge(&card);
}
