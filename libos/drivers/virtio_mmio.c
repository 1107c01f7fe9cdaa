/* Virtio over memory-mapped registers (virtio 1.2, 4.2.2). */
#include "virtio.h"

enum { MAGIC = 0x74726976, MODERN = 2, STRIDE = 0x200, USED_BUFFER = 1, CONFIGURATION_CHANGE = 2 };
enum {
	MAGIC_VALUE = 0x000,
	VERSION = 0x004,
	DEVICE_ID = 0x008,
	DEVICE_FEATURES = 0x010,
	DEVICE_FEATURES_WORD = 0x014,
	DRIVER_FEATURES = 0x020,
	DRIVER_FEATURES_WORD = 0x024,
	QUEUE = 0x030,
	QUEUE_SIZE_MAX = 0x034,
	QUEUE_SIZE = 0x038,
	QUEUE_READY = 0x044,
	QUEUE_NOTIFY = 0x050,
	INTERRUPT_ACKNOWLEDGE = 0x064,
	STATUS = 0x070,
	QUEUE_DESCRIPTORS = 0x080,
	QUEUE_AVAILABLE = 0x090,
	QUEUE_USED = 0x0a0,
	CONFIGURATION = 0x100,
};

static volatile uint32_t *at(struct libos_virtio *device, unsigned offset)
{
	return (volatile uint32_t *)(device->registers + offset);
}

static void write_address(struct libos_virtio *device, unsigned offset, uint64_t address)
{
	*at(device, offset) = (uint32_t)address;
	*at(device, offset + 4) = (uint32_t)(address >> 32);
}

static void set_status(struct libos_virtio *device, unsigned status)
{
	*at(device, STATUS) = status;
}

static unsigned status(struct libos_virtio *device)
{
	return *at(device, STATUS);
}

static uint64_t features(struct libos_virtio *device)
{
	*at(device, DEVICE_FEATURES_WORD) = 1;
	uint64_t high = *at(device, DEVICE_FEATURES);
	*at(device, DEVICE_FEATURES_WORD) = 0;
	return high << 32 | *at(device, DEVICE_FEATURES);
}

static void set_features(struct libos_virtio *device, uint64_t features)
{
	*at(device, DRIVER_FEATURES_WORD) = 0;
	*at(device, DRIVER_FEATURES) = (uint32_t)features;
	*at(device, DRIVER_FEATURES_WORD) = 1;
	*at(device, DRIVER_FEATURES) = (uint32_t)(features >> 32);
}

static bool start_queue(struct libos_virtio *device, unsigned index, uint64_t descriptors, uint64_t available, uint64_t used)
{
	*at(device, QUEUE) = index;
	if (*at(device, QUEUE_READY) || *at(device, QUEUE_SIZE_MAX) < LIBOS_QUEUE_SIZE)
		return false;
	*at(device, QUEUE_SIZE) = LIBOS_QUEUE_SIZE;
	write_address(device, QUEUE_DESCRIPTORS, descriptors);
	write_address(device, QUEUE_AVAILABLE, available);
	write_address(device, QUEUE_USED, used);
	*at(device, QUEUE_READY) = 1;
	return true;
}

static void notify(struct libos_virtio *device, unsigned index)
{
	*at(device, QUEUE_NOTIFY) = index;
}

static uint8_t configuration(struct libos_virtio *device, unsigned offset)
{
	return (uint8_t)device->registers[CONFIGURATION + offset];
}

static void acknowledge(struct libos_virtio *device)
{
	*at(device, INTERRUPT_ACKNOWLEDGE) = USED_BUFFER | CONFIGURATION_CHANGE;
}

static const struct libos_virtio_transport transport = {
	.set_status = set_status,
	.status = status,
	.features = features,
	.set_features = set_features,
	.start_queue = start_queue,
	.notify = notify,
	.configuration = configuration,
	.acknowledge = acknowledge,
};

bool libos_virtio_find_mmio(unsigned type, unsigned *skipped, struct libos_virtio *device, uint64_t address, unsigned count, unsigned first_interrupt)
{
	for (unsigned i = 0; i < count; i++) {
		*device = (struct libos_virtio){.transport = &transport, .registers = libos_physical(address + (uint64_t)i * STRIDE)};
		device->interrupt = first_interrupt + i;
		if (*at(device, MAGIC_VALUE) == MAGIC && *at(device, VERSION) == MODERN && *at(device, DEVICE_ID) == type && !(*skipped)--)
			return true;
	}
	return false;
}
