import { typeName } from './identifiers';

/** A path in the folder that is open. In a snippet's body, `^"…"` is inserted as it is. */
const inFolder = (path: string): string => `^"\\\${workspaceFolder}/${path}"`;

const launch = (name: string): object => ({ type: typeName, request: 'launch', name });

/** What launch.json offers to begin with: one for each form of a kernel. */
export const configurationSnippets = [
  {
    label: 'Unikernel: Debug',
    description: 'Builds the project, boots it in QEMU and debugs it.',
    body: { ...launch('Debug Unikernel'), project: '^"\\${workspaceFolder}"' },
  },
  {
    label: 'Unikernel: Debug Any Kernel',
    description: 'Boots an ELF that was built elsewhere and debugs it; it says itself what it runs on.',
    body: { ...launch('Debug Kernel'), kernel: inFolder('${1:kernel.elf}') },
  },
  {
    label: 'Unikernel: Debug a Multiboot Kernel',
    description: 'Boots a 32-bit multiboot image of a 64-bit kernel.',
    body: {
      ...launch('Debug Multiboot Kernel'),
      kernel: inFolder('${1:kernel32.elf}'),
      symbols: inFolder('${2:kernel.elf}'),
    },
  },
  {
    label: 'Unikernel: Debug a Raw Image',
    description:
      'Boots an image without symbols, such as Linux for aarch64, or a stripped one; they are in an ELF beside it.',
    body: { ...launch('Debug Image'), kernel: inFolder('${1:Image}'), symbols: inFolder('${2:vmlinux}') },
  },
  {
    label: 'Unikernel: Debug a Relocated Kernel',
    description: 'Boots a position-independent kernel that runs elsewhere than where it was linked.',
    body: {
      ...launch('Debug Relocated Kernel'),
      kernel: inFolder('${1:kernel.elf}'),
      loadOffset: '${2:0x40200000}',
    },
  },
  {
    label: 'Unikernel: Debug a Kernel on Several CPUs',
    description: "Boots a kernel on a machine of QEMU's that you choose.",
    body: {
      ...launch('Debug Kernel on Several CPUs'),
      kernel: inFolder('${1:kernel.elf}'),
      machine: { type: '${2:q35}', cpu: '${3:max}', smp: '^${4:2}' },
    },
  },
  {
    label: 'Unikernel: Debug What Boots from a Disk or CD',
    description: 'Lets firmware and a boot loader start the kernel.',
    body: {
      ...launch('Debug from CD'),
      symbols: inFolder('${1:kernel.elf}'),
      qemuArgs: ['-cdrom', inFolder('${2:kernel.iso}')],
    },
  },
  {
    label: 'Unikernel: Attach',
    description: 'Connects to a QEMU that runs already and offers a gdb stub.',
    body: {
      ...{ type: typeName, request: 'attach', name: 'Attach to QEMU' },
      connect: '${1:127.0.0.1:1234}',
      symbols: inFolder('${2:kernel.elf}'),
    },
  },
];
