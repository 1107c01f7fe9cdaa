/* Where devices are on QEMU's virt: 32 virtio transports, whose interrupts begin at SPI 16. */
#include "../../drivers/virtio.h"

bool libos_virtio_find(unsigned type, unsigned skipped, struct libos_virtio *device)
{
	return libos_virtio_find_mmio(type, &skipped, device, 0x0a000000, 32, 32 + 16);
}
