/** An instruction set that images are built for. */
export type Architecture = 'x86_64' | 'aarch64';

export const architectures: readonly Architecture[] = ['x86_64', 'aarch64'];

/** How the QEMU command line of a guest differs from machine to machine. */
export interface Machine {
  /** The system emulator, found by setting, PATH and the usual places. */
  readonly program: 'qemu-system-x86_64' | 'qemu-system-aarch64';
  /** Arguments that choose the machine and leave out the devices that a unikernel does not need. */
  readonly arguments: readonly string[];
  /** Arguments that all virtio devices need. */
  readonly virtio: readonly string[];
  /** Arguments that add a network card to the network `network0`. */
  readonly networkCard: readonly string[];
  /** The device that shares a folder, as -device takes it. */
  readonly sharedFolder: string;
  /** `-cpu` under software emulation; with an accelerator it is `host`. */
  readonly emulatedCpu: string;
  /** How the archive of files gets into the guest: QEMU's -initrd, or put into memory at an address of ours. */
  readonly archive: 'initrd' | 'memory';
  /** The host architecture (process.arch) on which an accelerator can run this guest. */
  readonly acceleratedOn: 'x64' | 'arm64';
}

/** Where an image runs: an architecture, which decides the build, and a machine, which decides only the run. */
export interface Target {
  /** The identifier that is used everywhere: settings, command line, status bar. */
  readonly id: string;
  readonly architecture: Architecture;
  /** One line for a person who chooses. */
  readonly description: string;
  readonly machine: Machine;
}
