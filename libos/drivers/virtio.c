/* The start of a virtio device (virtio 1.2, 3.1.1), and its queues (2.7). */
#include "virtio.h"
#include "thread.h"

enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, NEEDS_RESET = 64 };
enum { HAS_NEXT = 1, WRITTEN_BY_DEVICE = 2, NO_INTERRUPT = 1, NO_NOTIFY = 1 };

struct libos_virtqueue_memory {
	struct {
		uint64_t address;
		uint32_t size;
		uint16_t flags, next;
	} descriptors[LIBOS_QUEUE_SIZE];
	struct {
		uint16_t flags, index, ring[LIBOS_QUEUE_SIZE];
		uint16_t event; /* the device interrupts once it has used this one */
	} available;
	struct {
		uint16_t flags, index;
		struct {
			uint32_t number, size;
		} ring[LIBOS_QUEUE_SIZE];
		uint16_t event; /* the device wants to be told once this one is available */
	} used __attribute__((aligned(4)));
};
_Static_assert(sizeof(struct libos_virtqueue_memory) <= LIBOS_PAGE_SIZE, "a queue is in a page");

static void barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

bool libos_virtio_start(struct libos_virtio *device, uint64_t wanted, uint64_t *agreed)
{
	const struct libos_virtio_transport *transport = device->transport;
	transport->set_status(device, 0);
	for (unsigned tries = 0; transport->status(device); tries++)
		if (tries == 1000000)
			return false;
	transport->set_status(device, ACKNOWLEDGE | DRIVER);
	uint64_t offered = transport->features(device);
	if (!(offered & LIBOS_VIRTIO_VERSION_1))
		return false;
	*agreed = offered & (wanted | LIBOS_VIRTIO_VERSION_1);
	device->has_events = *agreed & LIBOS_VIRTIO_EVENT_INDEX;
	transport->set_features(device, *agreed);
	transport->set_status(device, ACKNOWLEDGE | DRIVER | FEATURES_OK);
	return transport->status(device) & FEATURES_OK;
}

void libos_virtio_ready(struct libos_virtio *device)
{
	device->transport->set_status(device, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
}

bool libos_virtqueue_make(struct libos_virtqueue *queue, struct libos_virtio *device, unsigned index)
{
	uint64_t page = libos_page_take();
	if (!page)
		return false;
	*queue = (struct libos_virtqueue){.device = device, .index = index, .memory = libos_physical(page)};
	return device->transport->start_queue(device, index, page, page + offsetof(struct libos_virtqueue_memory, available),
					      page + offsetof(struct libos_virtqueue_memory, used));
}

bool libos_virtqueue_start(struct libos_virtqueue *queue, struct libos_virtio *device, unsigned index, bool to_device)
{
	uint64_t buffers = libos_pages_take(LIBOS_QUEUE_SIZE * LIBOS_QUEUE_BUFFER / LIBOS_PAGE_SIZE);
	if (!buffers || !libos_virtqueue_make(queue, device, index))
		return false;
	struct libos_virtqueue_memory *memory = queue->memory;
	queue->to_device = to_device;
	queue->buffers = libos_physical(buffers);
	for (unsigned i = 0; i < LIBOS_QUEUE_SIZE; i++) {
		memory->descriptors[i].address = buffers + (uint64_t)i * LIBOS_QUEUE_BUFFER;
		memory->descriptors[i].size = LIBOS_QUEUE_BUFFER;
		memory->descriptors[i].flags = to_device ? 0 : WRITTEN_BY_DEVICE;
	}
	memory->available.flags = to_device ? NO_INTERRUPT : 0;
	for (unsigned i = 0; i < LIBOS_QUEUE_SIZE && !to_device; i++)
		libos_virtqueue_give(queue, i, LIBOS_QUEUE_BUFFER);
	return true;
}

/* What the device wrote is not trusted: a number that is none, and a size that is too much, are cut down. */
char *libos_virtqueue_take(struct libos_virtqueue *queue, unsigned *number, size_t *size)
{
	volatile struct libos_virtqueue_memory *memory = queue->memory;
	memory->available.event = queue->seen; /* of many that come together the first interrupts, and of those after a look that finds none */
	barrier();
	if (memory->used.index == queue->seen)
		return NULL;
	barrier();
	uint32_t written = memory->used.ring[queue->seen % LIBOS_QUEUE_SIZE].size;
	*number = memory->used.ring[queue->seen % LIBOS_QUEUE_SIZE].number % LIBOS_QUEUE_SIZE;
	*size = written < LIBOS_QUEUE_BUFFER ? written : LIBOS_QUEUE_BUFFER;
	queue->seen++;
	return queue->buffers + (size_t)*number * LIBOS_QUEUE_BUFFER;
}

void libos_virtqueue_give(struct libos_virtqueue *queue, unsigned number, size_t size)
{
	volatile struct libos_virtqueue_memory *memory = queue->memory;
	memory->descriptors[number].size = (uint32_t)size;
	memory->available.ring[queue->available % LIBOS_QUEUE_SIZE] = (uint16_t)number;
	if (queue->to_device)
		memory->available.event = (uint16_t)(queue->available + (1u << 15)); /* never reached: nobody waits for it */
	barrier();
	memory->available.index = ++queue->available;
}

/* The device takes them in their order, so those that it is done with are the oldest. */
char *libos_virtqueue_free(struct libos_virtqueue *queue, unsigned *number)
{
	volatile struct libos_virtqueue_memory *memory = queue->memory;
	uint16_t used = memory->used.index;
	if ((uint16_t)(queue->available - used) >= LIBOS_QUEUE_SIZE)
		return NULL;
	barrier();
	*number = queue->available % LIBOS_QUEUE_SIZE;
	return queue->buffers + (size_t)*number * LIBOS_QUEUE_BUFFER;
}

void libos_virtqueue_tell(struct libos_virtqueue *queue)
{
	volatile struct libos_virtqueue_memory *memory = queue->memory;
	uint16_t given = (uint16_t)(queue->available - queue->told);
	queue->told = queue->available;
	barrier();
	/* whether the event is among those that were given since (2.7.10.1) */
	bool wanted = queue->device->has_events ? (uint16_t)(queue->available - memory->used.event - 1) < given : !(memory->used.flags & NO_NOTIFY);
	if (wanted)
		queue->device->transport->notify(queue->device, queue->index);
}

/* Most answers are there at once; while one is not, the CPU rests for longer and longer. */
static bool wait_for_answer(const struct libos_virtqueue *queue)
{
	enum { LOOKS = 2000, SHORTEST_REST = 20000, LONGEST_REST = 1000000 };
	const volatile struct libos_virtqueue_memory *memory = queue->memory;
	uint64_t rest = SHORTEST_REST;
	for (unsigned looks = 0; memory->used.index == queue->seen; looks++) {
		if (looks < LOOKS)
			continue;
		if (queue->device->transport->status(queue->device) & NEEDS_RESET)
			return false;
		libos_pause(rest);
		rest = 2 * rest < LONGEST_REST ? 2 * rest : LONGEST_REST;
		libos_attention |= LIBOS_RESCHEDULE | LIBOS_TIMER; /* the clock was set for others */
	}
	return true;
}

size_t libos_virtqueue_exchange(struct libos_virtqueue *queue, const char *request, size_t request_size, char *answer, size_t answer_size)
{
	volatile struct libos_virtqueue_memory *memory = queue->memory;
	const unsigned first = request_size ? 0 : 1;
	memory->available.flags = NO_INTERRUPT;
	memory->descriptors[0].address = (uintptr_t)request - LIBOS_DIRECT_MAP;
	memory->descriptors[0].flags = HAS_NEXT;
	memory->descriptors[0].next = 1;
	memory->descriptors[1].address = (uintptr_t)answer - LIBOS_DIRECT_MAP;
	memory->descriptors[1].size = (uint32_t)answer_size;
	memory->descriptors[1].flags = WRITTEN_BY_DEVICE;
	libos_virtqueue_give(queue, first, first ? answer_size : request_size);
	libos_virtqueue_tell(queue);
	if (!wait_for_answer(queue))
		return 0;
	barrier();
	uint32_t written = memory->used.ring[queue->seen % LIBOS_QUEUE_SIZE].size;
	queue->seen++;
	return written < answer_size ? written : answer_size;
}
