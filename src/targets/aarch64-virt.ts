import type { Target } from './target';

/** QEMU's generic Arm board (QEMU manual, "virt generic virtual platform"). */
export const aarch64Virt: Target = {
  id: 'aarch64-virt',
  architecture: 'aarch64',
  description: 'aarch64, generic virtual board',
  machine: {
    program: 'qemu-system-aarch64',
    arguments: ['-machine', 'virt'],
    networkCard: ['-global', 'virtio-mmio.force-legacy=false', '-device', 'virtio-net-device,netdev=network0'],
    emulatedCpu: 'cortex-a72',
    archive: 'memory',
    acceleratedOn: 'arm64',
  },
};
