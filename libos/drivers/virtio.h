/* Virtio devices (virtio 1.2), modern ones only: their transports, and split virtqueues. */
#ifndef LIBOS_VIRTIO_H
#define LIBOS_VIRTIO_H
#include "libos.h"

enum { LIBOS_VIRTIO_NETWORK = 1, LIBOS_VIRTIO_9P = 9 }; /* virtio 1.2, 5: device types */
#define LIBOS_VIRTIO_EVENT_INDEX (1ull << 29)
#define LIBOS_VIRTIO_VERSION_1 (1ull << 32)

enum { LIBOS_QUEUE_SIZE = 128 };

struct libos_virtio;
/* What differs between transports. */
struct libos_virtio_transport {
	void (*set_status)(struct libos_virtio *device, unsigned status);
	unsigned (*status)(struct libos_virtio *device);
	uint64_t (*features)(struct libos_virtio *device);
	void (*set_features)(struct libos_virtio *device, uint64_t features);
	/* false: the device has no such queue, or a smaller one */
	bool (*start_queue)(struct libos_virtio *device, unsigned index, uint64_t descriptors, uint64_t available, uint64_t used);
	void (*notify)(struct libos_virtio *device, unsigned index);
	uint8_t (*configuration)(struct libos_virtio *device, unsigned offset);
	/* tells the device that its interrupt was seen */
	void (*acknowledge)(struct libos_virtio *device);
};
struct libos_virtio {
	const struct libos_virtio_transport *transport;
	volatile char *registers, *notifications, *device_registers; /* the last two by PCI only */
	unsigned notification_scale, notifications_size;
	volatile uint16_t *bells[4];
	unsigned interrupt; /* as libos_interrupt_handle takes it */
	bool has_events;    /* both sides say from which buffer on they want to hear (2.7.10) */
};

/* arch/ARCHITECTURE/devices.c: a device of the type, behind `skipped` others; false: the machine has no more */
bool libos_virtio_find(unsigned type, unsigned skipped, struct libos_virtio *device);
/* The ways to find one: where `count` transports are, 512 bytes apart; and the functions of PCI's first bus. What was skipped is taken off `skipped`. */
bool libos_virtio_find_mmio(unsigned type, unsigned *skipped, struct libos_virtio *device, uint64_t address, unsigned count, unsigned first_interrupt);
bool libos_virtio_find_pci(unsigned type, unsigned *skipped, struct libos_virtio *device);

/* Resets the device and agrees on features; those are `wanted` that it has. False: it wants others, or is no modern one. */
bool libos_virtio_start(struct libos_virtio *device, uint64_t wanted, uint64_t *agreed);
/* All queues are there: the device may work. */
void libos_virtio_ready(struct libos_virtio *device);

/* A split virtqueue (2.7). As `start` makes it, each descriptor has a buffer of its own of half a page, for good. */
enum { LIBOS_QUEUE_BUFFER = LIBOS_PAGE_SIZE / 2 };
struct libos_virtqueue {
	struct libos_virtio *device;
	unsigned index;
	bool to_device;
	uint16_t available, seen; /* how many buffers were given to the device, and taken back */
	uint16_t told;		  /* of how many given ones the device was told */
	struct libos_virtqueue_memory *memory;
	char *buffers;
};
/* False: there is no memory, or no such queue. Buffers that the device writes are all given to it. */
bool libos_virtqueue_start(struct libos_virtqueue *queue, struct libos_virtio *device, unsigned index, bool to_device);
/* A buffer that the device has written, with its size, at most LIBOS_QUEUE_BUFFER; null: none. It goes back by `give`. */
char *libos_virtqueue_take(struct libos_virtqueue *queue, unsigned *number, size_t *size);
void libos_virtqueue_give(struct libos_virtqueue *queue, unsigned number, size_t size);
/* A buffer for what the device is to read; null: it has all of them still. */
char *libos_virtqueue_free(struct libos_virtqueue *queue, unsigned *number);
/* Tells the device of what it was given, if it wants to know. */
void libos_virtqueue_tell(struct libos_virtqueue *queue);

/* A queue without buffers, for one request at a time. False: there is no memory, or no such queue. */
bool libos_virtqueue_make(struct libos_virtqueue *queue, struct libos_virtio *device, unsigned index);
/*
 * Has the device read the request and write the answer, and waits for that: no other thread runs meanwhile. Both are in the direct map.
 * How much was written, at most `answer_size`; 0: nothing, or the device has failed.
 */
size_t libos_virtqueue_exchange(struct libos_virtqueue *queue, const char *request, size_t request_size, char *answer, size_t answer_size);
#endif
