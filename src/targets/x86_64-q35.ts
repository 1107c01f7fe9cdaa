import type { Target } from './target';

/** A PC with PCI Express, as clouds offer it (QEMU manual, "PC machine"). */
export const x86_64Q35: Target = {
  id: 'x86_64-q35',
  architecture: 'x86_64',
  description: 'x86_64, standard PC with PCI Express',
  machine: {
    program: 'qemu-system-x86_64',
    arguments: ['-machine', 'q35,usb=off,smbus=off,sata=off'],
    virtio: [],
    networkCard: ['-device', 'virtio-net-pci,netdev=network0,disable-legacy=on,romfile='],
    sharedFolder: 'virtio-9p-pci,disable-legacy=on',
    emulatedCpu: 'max',
    archive: 'initrd',
    acceleratedOn: 'x64',
  },
};
