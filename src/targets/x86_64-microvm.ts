import type { Target } from './target';

/** QEMU's minimal machine: no PCI, no firmware tables to walk (QEMU manual, "microvm virtual platform"). */
export const x86_64Microvm: Target = {
  id: 'x86_64-microvm',
  architecture: 'x86_64',
  description: 'x86_64, minimal machine: boots fastest',
  machine: {
    program: 'qemu-system-x86_64',
    arguments: ['-machine', 'microvm,acpi=off,pic=off,auto-kernel-cmdline=off'],
    virtio: ['-global', 'virtio-mmio.force-legacy=false'],
    networkCard: ['-device', 'virtio-net-device,netdev=network0'],
    sharedFolder: 'virtio-9p-device',
    emulatedCpu: 'max',
    archive: 'initrd',
    acceleratedOn: 'x64',
  },
};
