/* Where devices are: QEMU's microvm has eight virtio transports, on the I/O APIC's lines from 5; other machines have PCI. */
#include "../../drivers/virtio.h"

bool libos_virtio_find(unsigned type, unsigned skipped, struct libos_virtio *device)
{
	return libos_virtio_find_mmio(type, &skipped, device, 0xfeb00000, 8, 5) || libos_virtio_find_pci(type, &skipped, device);
}
