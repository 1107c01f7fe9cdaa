/* Virtio over PCI (virtio 1.2, 4.1), on the first bus. Nobody has given the devices addresses before us. */
#include "interrupt.h"
#include "pci.h"
#include "virtio.h"

enum { VENDOR = 0x1af4, FIRST_MODERN = 0x1040 };
enum { COMMAND = 0x04, STATUS = 0x06, BAR_0 = 0x10, CAPABILITIES = 0x34, BARS = 6 };
enum { MEMORY = 1 << 1, MASTER = 1 << 2, HAS_CAPABILITIES = 1 << 4 };
enum { CAPABILITY_VENDOR = 0x09, CAPABILITY_MSIX = 0x11, MSIX_ENABLE = 1u << 31 };
/* struct virtio_pci_cap (4.1.4), and its types */
enum { TYPE = 3, BAR = 4, OFFSET = 8, LENGTH = 12, MULTIPLIER = 16 };
enum { COMMON = 1, NOTIFY = 2, DEVICE = 4 };
/* struct virtio_pci_common_cfg (4.1.4.3) */
enum {
	DEVICE_FEATURES_WORD = 0x00,
	DEVICE_FEATURES = 0x04,
	DRIVER_FEATURES_WORD = 0x08,
	DRIVER_FEATURES = 0x0c,
	CONFIGURATION_VECTOR = 0x10,
	DEVICE_STATUS = 0x14,
	QUEUE = 0x16,
	QUEUE_SIZE = 0x18,
	QUEUE_VECTOR = 0x1a,
	QUEUE_ENABLE = 0x1c,
	QUEUE_NOTIFY_OFFSET = 0x1e,
	QUEUE_DESCRIPTORS = 0x20,
	QUEUE_AVAILABLE = 0x28,
	QUEUE_USED = 0x30,
	COMMON_SIZE = 0x38,
};
/* Where no RAM and no other device is on a PC: below the I/O APIC. */
#define FIRST_ADDRESS 0xe0000000u
#define LAST_ADDRESS 0xfec00000u

static uint64_t next_address = FIRST_ADDRESS;
static unsigned next_message = LIBOS_FIRST_MESSAGE;

static volatile uint8_t *byte_at(struct libos_virtio *device, unsigned offset)
{
	return (volatile uint8_t *)device->registers + offset;
}
static volatile uint16_t *half_at(struct libos_virtio *device, unsigned offset)
{
	return (volatile uint16_t *)(device->registers + offset);
}
static volatile uint32_t *word_at(struct libos_virtio *device, unsigned offset)
{
	return (volatile uint32_t *)(device->registers + offset);
}

static void write_address(struct libos_virtio *device, unsigned offset, uint64_t address)
{
	*word_at(device, offset) = (uint32_t)address;
	*word_at(device, offset + 4) = (uint32_t)(address >> 32);
}

static void set_status(struct libos_virtio *device, unsigned status)
{
	*byte_at(device, DEVICE_STATUS) = (uint8_t)status;
}

static unsigned status(struct libos_virtio *device)
{
	return *byte_at(device, DEVICE_STATUS);
}

static uint64_t features(struct libos_virtio *device)
{
	*word_at(device, DEVICE_FEATURES_WORD) = 1;
	uint64_t high = *word_at(device, DEVICE_FEATURES);
	*word_at(device, DEVICE_FEATURES_WORD) = 0;
	return high << 32 | *word_at(device, DEVICE_FEATURES);
}

static void set_features(struct libos_virtio *device, uint64_t features)
{
	*word_at(device, DRIVER_FEATURES_WORD) = 0;
	*word_at(device, DRIVER_FEATURES) = (uint32_t)features;
	*word_at(device, DRIVER_FEATURES_WORD) = 1;
	*word_at(device, DRIVER_FEATURES) = (uint32_t)(features >> 32);
}

static bool start_queue(struct libos_virtio *device, unsigned index, uint64_t descriptors, uint64_t available, uint64_t used)
{
	*half_at(device, QUEUE) = (uint16_t)index;
	if (index >= sizeof device->bells / sizeof *device->bells || *half_at(device, QUEUE_ENABLE) ||
	    *half_at(device, QUEUE_SIZE) < LIBOS_QUEUE_SIZE)
		return false;
	uint64_t offset = (uint64_t)*half_at(device, QUEUE_NOTIFY_OFFSET) * device->notification_scale;
	if (offset + 2 > device->notifications_size)
		return false;
	device->bells[index] = (volatile uint16_t *)(device->notifications + offset);
	*half_at(device, QUEUE_SIZE) = LIBOS_QUEUE_SIZE;
	*half_at(device, QUEUE_VECTOR) = 0;
	write_address(device, QUEUE_DESCRIPTORS, descriptors);
	write_address(device, QUEUE_AVAILABLE, available);
	write_address(device, QUEUE_USED, used);
	*half_at(device, QUEUE_ENABLE) = 1;
	return true;
}

static void notify(struct libos_virtio *device, unsigned index)
{
	*device->bells[index] = (uint16_t)index;
}

static uint8_t configuration(struct libos_virtio *device, unsigned offset)
{
	return device->device_registers ? (uint8_t)device->device_registers[offset] : 0;
}

/* A message is over when it was sent. */
static void acknowledge(struct libos_virtio *device)
{
	(void)device;
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

/* Gives each memory BAR an address, and says how large it is: 0 for the others. */
static void place_bars(unsigned slot, uint64_t address[BARS], uint64_t size[BARS])
{
	for (unsigned i = 0; i < BARS; i++) {
		unsigned offset = BAR_0 + 4 * i;
		uint32_t old = libos_pci_read(slot, offset);
		address[i] = size[i] = 0;
		libos_pci_write(slot, offset, UINT32_MAX);
		uint32_t mask = libos_pci_read(slot, offset);
		libos_pci_write(slot, offset, old);
		if (!(mask & ~15u) || mask & 1)
			continue;
		uint64_t bytes = ~(mask & ~15u) + 1u, place = (next_address + bytes - 1) & -bytes;
		if (place + bytes > LAST_ADDRESS)
			continue;
		libos_pci_write(slot, offset, (uint32_t)place);
		address[i] = place;
		size[i] = bytes;
		next_address = place + bytes;
		if ((mask >> 1 & 3) == 2 && i + 1 < BARS) { /* 64 bits wide */
			i++;
			libos_pci_write(slot, BAR_0 + 4 * i, 0);
			address[i] = size[i] = 0;
		}
	}
}

/* Where a capability's structure is; null: not in a BAR, or not wholly. */
static volatile char *find_structure(const uint64_t address[BARS], const uint64_t size[BARS], unsigned bar, uint32_t offset, uint32_t length)
{
	if (bar >= BARS || !size[bar] || offset > size[bar] || length > size[bar] - offset)
		return NULL;
	return libos_physical(address[bar] + offset);
}

static bool start_messages(struct libos_virtio *device, unsigned slot, unsigned capability, const uint64_t address[BARS], const uint64_t size[BARS])
{
	uint32_t table = libos_pci_read(slot, capability + 4);
	volatile uint32_t *entry = (volatile uint32_t *)find_structure(address, size, table & 7, table & ~7u, 16);
	if (!entry)
		return false;
	device->interrupt = next_message++;
	uint64_t to;
	uint32_t data;
	libos_interrupt_message(device->interrupt, &to, &data);
	entry[0] = (uint32_t)to;
	entry[1] = (uint32_t)(to >> 32);
	entry[2] = data;
	entry[3] = 0;
	libos_pci_write(slot, capability, libos_pci_read(slot, capability) | MSIX_ENABLE);
	return true;
}

static bool set_up(struct libos_virtio *device, unsigned slot)
{
	uint64_t address[BARS], size[BARS];
	bool has_messages = false;
	*device = (struct libos_virtio){.transport = &transport};
	place_bars(slot, address, size);
	libos_pci_write(slot, COMMAND, (libos_pci_read(slot, COMMAND) & 0xffff) | MEMORY | MASTER);
	if (!(libos_pci_read(slot, COMMAND) >> 16 & HAS_CAPABILITIES))
		return false;
	unsigned next = libos_pci_read(slot, CAPABILITIES) & 0xfc;
	for (unsigned count = 0; next && count < 48; count++) {
		uint32_t head = libos_pci_read(slot, next);
		if ((head & 0xff) == CAPABILITY_VENDOR) {
			uint32_t length = libos_pci_read(slot, next + LENGTH);
			volatile char *found = find_structure(address, size, libos_pci_read(slot, next + BAR) & 0xff,
							      libos_pci_read(slot, next + OFFSET), length);
			unsigned type = head >> 24;
			if (type == COMMON && length >= COMMON_SIZE && !device->registers)
				device->registers = found;
			if (type == DEVICE && length >= 6 && !device->device_registers)
				device->device_registers = found;
			if (type == NOTIFY && !device->notifications) {
				device->notifications = found;
				device->notifications_size = length;
				device->notification_scale = libos_pci_read(slot, next + MULTIPLIER);
			}
		} else if ((head & 0xff) == CAPABILITY_MSIX) {
			has_messages = start_messages(device, slot, next, address, size);
		}
		next = head >> 8 & 0xfc;
	}
	if (!device->registers || !device->notifications || !has_messages)
		return false;
	*half_at(device, CONFIGURATION_VECTOR) = 0xffff;
	return true;
}

bool libos_virtio_find_pci(unsigned type, unsigned *skipped, struct libos_virtio *device)
{
	for (unsigned slot = 0; slot < LIBOS_PCI_SLOTS; slot++) {
		if (libos_pci_read(slot, 0) != (VENDOR | (FIRST_MODERN + type) << 16))
			continue;
		if (*skipped)
			--*skipped;
		else if (set_up(device, slot))
			return true;
	}
	return false;
}
