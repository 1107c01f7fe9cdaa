import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, mkdtemp, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packFiles } from '../../src/build/files';
import type { Architecture, Target } from '../../src/targets';
import { BareQemu, Guest } from './guest';

/** What differs from one kernel of the distribution to the other; drivers in the order in which they need each other. */
const kernels: Record<Architecture, { readonly name: string; readonly console: string; readonly drivers: string }> = {
  x86_64: {
    name: 'amd64',
    console: 'ttyS0',
    drivers: 'virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci',
  },
  aarch64: { name: 'arm64', console: 'ttyAMA0', drivers: 'virtio_mmio' },
};
/** Servers look up whom to run as. */
const databases = { passwd: 'root:x:0:0:root:/root:/bin/sh\n', group: 'root:x:0:\n' };
const networkDrivers = 'failover net_failover virtio_net';

/** A guest of the distribution's kernel. */
interface Linux {
  readonly target: Target;
  /** A static program, and a compiler for more of them. */
  readonly program: string;
  readonly compiler: string;
  readonly memory: string;
  /** For what is made. */
  readonly folder: string;
}

/** The program's surroundings. */
interface Surroundings {
  /** A folder whose content is in the program's working folder. */
  readonly files?: string;
  readonly words?: readonly string[];
  /** Whether there is a network card, and drivers for it. */
  readonly network?: boolean;
}

/** A guest that runs a program on the distribution's kernel, on the same machine as ours. */
export async function linuxGuest(
  { target, program, compiler, memory, folder: parent }: Linux,
  { files, words = [], network = false }: Surroundings,
): Promise<Guest> {
  const run = promisify(execFile);
  const { name, console, drivers } = kernels[target.architecture];
  const kernel = (await run(join(__dirname, 'linux', 'get-kernel'), [name])).stdout.trim();
  const folder = await mkdtemp(join(parent, 'linux-'));
  const root = join(folder, 'root');
  for (const child of ['proc', 'dev', 'etc', 'files', 'modules']) await mkdir(join(root, child), { recursive: true });
  await run(compiler, ['-O2', '-static', '-o', join(root, 'init'), join(__dirname, 'linux', 'init.c')]);
  await copyFile(program, join(root, 'program'));
  await chmod(join(root, 'program'), 0o755);
  for (const [file, entry] of Object.entries(databases)) await writeFile(join(root, 'etc', file), entry);
  if (files !== undefined) await cp(files, join(root, 'files'), { recursive: true });
  const modules = network ? `${drivers} ${networkDrivers}`.split(' ') : [];
  for (const [index, module] of modules.entries())
    await copyFile(join(kernel, `${module}.ko`), join(root, 'modules', `${10 + index}.ko`));
  const path = join(folder, 'root.cpio');
  await packFiles(root, path, () => undefined, new AbortController().signal);
  const machine = { ...target.machine, archive: 'initrd' } as const;
  return new Guest(await BareQemu.find({ ...target, machine }), folder, {
    image: join(kernel, 'vmlinuz'),
    memory,
    files: { path, bytes: (await stat(path)).size, address: 0 },
    // At random addresses it would also have page tables of its own, and be slower (arm64's CONFIG_UNMAP_KERNEL_AT_EL0).
    kernelArguments: [`console=${console}`, 'nokaslr', 'quiet', 'loglevel=0', '--', '/program', ...words],
  });
}
