/* The input is the configuration space of a PCI device, and what its registers say: the driver finds its structures there. */
#include "host.h"
/* It goes on with addresses behind those of the device before; here, each run is the first. */
#include "../../../libos/drivers/virtio_pci.c"
#include <sanitizer/asan_interface.h>
#include <string.h>
#include <sys/mman.h>

enum { SPACE = 256, BARS_END = BAR_0 + 4 * BARS, ADDRESSES = 1 << 20, LARGEST_BAR = 16 };

extern uint64_t host_direct_map;
static uint32_t space[SPACE / 4], sizes[BARS];
static char *addresses;

/* Of the addresses where devices may be, those can be used that a BAR was given. */
void libos_pci_write(unsigned slot, unsigned offset, uint32_t value)
{
	unsigned bar = (offset - BAR_0) / 4;
	(void)slot;
	if (offset < BAR_0 || offset >= BARS_END) {
		space[offset / 4 % (SPACE / 4)] = value;
		return;
	}
	uint32_t flags = space[offset / 4] & 15, size = sizes[bar];
	space[offset / 4] = size ? (value & -size) | flags : 0;
	uint32_t start = space[offset / 4] & ~15u;
	if (size && start >= FIRST_ADDRESS && start - FIRST_ADDRESS <= ADDRESSES - size)
		__asan_unpoison_memory_region(addresses + (start - FIRST_ADDRESS), size);
}

uint32_t libos_pci_read(unsigned slot, unsigned offset)
{
	return slot ? UINT32_MAX : space[offset / 4 % (SPACE / 4)];
}

void libos_interrupt_message(unsigned number, uint64_t *address, uint32_t *data)
{
	*address = 0xfee00000;
	*data = number;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct libos_virtio device;
	struct libos_virtqueue queue;
	struct host_input input = {data, size};
	uint64_t agreed;
	unsigned skipped = 0;
	if (!addresses) {
		addresses = mmap(NULL, ADDRESSES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		host_direct_map = (uintptr_t)addresses - FIRST_ADDRESS;
	}
	next_address = FIRST_ADDRESS;
	next_message = LIBOS_FIRST_MESSAGE;
	__asan_poison_memory_region(addresses, ADDRESSES);
	for (unsigned i = 0; i < SPACE / 4; i++)
		space[i] = (uint32_t)host_take(&input, 4);
	for (unsigned i = 0; i < BARS; i++) {
		unsigned bits = (unsigned)host_take(&input, 1) % (LARGEST_BAR + 1);
		sizes[i] = bits < 4 ? 0 : 1u << bits;
	}
	space[0] = VENDOR | (uint32_t)(FIRST_MODERN + LIBOS_VIRTIO_NETWORK) << 16;
	if (libos_virtio_find_pci(LIBOS_VIRTIO_NETWORK, &skipped, &device)) {
		for (unsigned i = 0; i < COMMON_SIZE && i < input.left; i++)
			device.registers[i] = (char)host_take(&input, 1);
		device.registers[DEVICE_STATUS] = 0;
		libos_virtio_start(&device, UINT64_MAX, &agreed);
		for (unsigned i = 0; i < 2; i++)
			if (libos_virtqueue_start(&queue, &device, i, i))
				libos_virtqueue_tell(&queue);
		device.transport->configuration(&device, 5);
	}
	host_free_all();
	return 0;
}
