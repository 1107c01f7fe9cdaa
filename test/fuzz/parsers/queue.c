/* The input is what a network card does to its queues, and when: the driver sends and receives in between. */
#include "../../../libos/drivers/network_card.h"
#include "../../../libos/drivers/virtio.h"
#include "host.h"
#include <string.h>

static struct host_input input;
static char *memory[2];

static void set_status(struct libos_virtio *device, unsigned status)
{
	(void)device, (void)status;
}

static unsigned status(struct libos_virtio *device)
{
	static unsigned asked;
	(void)device;
	return asked++ % 2 ? 8 : 0; /* reset, and then FEATURES_OK */
}

static uint64_t features(struct libos_virtio *device)
{
	(void)device;
	return LIBOS_VIRTIO_VERSION_1 | host_take(&input, 1);
}

static void set_features(struct libos_virtio *device, uint64_t features)
{
	(void)device, (void)features;
}

static bool start_queue(struct libos_virtio *device, unsigned index, uint64_t descriptors, uint64_t available, uint64_t used)
{
	(void)device, (void)available, (void)used;
	memory[index] = libos_physical(descriptors);
	return true;
}

static void notify(struct libos_virtio *device, unsigned index)
{
	(void)device, (void)index;
}

static uint8_t configuration(struct libos_virtio *device, unsigned offset)
{
	(void)device, (void)offset;
	return (uint8_t)host_take(&input, 1);
}

static const struct libos_virtio_transport transport = {
	.set_status = set_status,
	.status = status,
	.features = features,
	.set_features = set_features,
	.start_queue = start_queue,
	.notify = notify,
	.configuration = configuration,
	.acknowledge = NULL,
};

bool libos_virtio_find(unsigned type, unsigned skipped, struct libos_virtio *device)
{
	(void)type, (void)skipped;
	*device = (struct libos_virtio){.transport = &transport};
	return true;
}

static void fill(char *to, size_t size, void *from)
{
	memset(to, *(char *)from, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t address[6];
	char byte = 1;
	input = (struct host_input){data, size};
	if (!libos_card_start(address))
		__builtin_trap();
	while (input.left) {
		unsigned what = (unsigned)host_take(&input, 1);
		size_t received;
		const char *frame;
		switch (what & 3) {
		case 0: /* the device writes into a queue's page */
			memory[what >> 2 & 1][host_take(&input, 2) % LIBOS_PAGE_SIZE] = (char)host_take(&input, 1);
			break;
		case 1: /* and says so: the ring's index is at its begin */
			memory[what >> 2 & 1][(sizeof(uint64_t) * 2 + 2) * LIBOS_QUEUE_SIZE + 4 + 2] += (char)(what >> 3);
			break;
		case 2:
			libos_card_send(fill, &byte, (size_t)host_take(&input, 2));
			break;
		default:
			frame = libos_card_receive(&received);
			for (size_t i = 0; frame && i < received; i++)
				byte = (char)(byte ^ frame[i]);
		}
	}
	host_free_all();
	return 0;
}
