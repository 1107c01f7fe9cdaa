import type { Target } from './target';

/** QEMU's generic Arm board (QEMU manual, "virt generic virtual platform"). */
export const aarch64Virt: Target = {
  id: 'aarch64-virt',
  architecture: 'aarch64',
  description: 'aarch64, generic virtual board',
  machine: {
    program: 'qemu-system-aarch64',
    arguments: ['-machine', 'virt'],
    virtio: ['-global', 'virtio-mmio.force-legacy=false'],
    networkCard: ['-device', 'virtio-net-device,netdev=network0'],
    sharedFolder: 'virtio-9p-device',
    emulatedCpu: 'cortex-a72',
    archive: 'memory',
    acceleratedOn: 'arm64',
  },
};
