import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packFiles } from '../../src/build/files';
import type { Architecture, Target } from '../../src/targets';
import { BareQemu, Guest } from './guest';

/** What differs from one kernel of the distribution to the other. */
const kernels: Record<Architecture, { readonly name: string; readonly console: string }> = {
  x86_64: { name: 'amd64', console: 'ttyS0' },
  aarch64: { name: 'arm64', console: 'ttyAMA0' },
};

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

/** A guest that runs a program on the distribution's kernel, on the same machine as ours. */
export async function linuxGuest({ target, program, compiler, memory, folder: parent }: Linux): Promise<Guest> {
  const run = promisify(execFile);
  const { name, console } = kernels[target.architecture];
  const kernel = (await run(join(__dirname, 'linux', 'get-kernel'), [name])).stdout.trim();
  const folder = await mkdtemp(join(parent, 'linux-'));
  const root = join(folder, 'root');
  for (const child of ['proc', 'dev']) await mkdir(join(root, child), { recursive: true });
  await run(compiler, ['-O2', '-static', '-o', join(root, 'init'), join(__dirname, 'linux', 'init.c')]);
  await copyFile(program, join(root, 'program'));
  await chmod(join(root, 'program'), 0o755);
  const path = join(folder, 'root.cpio');
  await packFiles(root, path, () => undefined, new AbortController().signal);
  const machine = { ...target.machine, archive: 'initrd' } as const;
  return new Guest(await BareQemu.find({ ...target, machine }), folder, {
    image: join(kernel, 'vmlinuz'),
    memory,
    files: { path, bytes: (await stat(path)).size, address: 0 },
    // At random addresses it would also have page tables of its own, and be slower (arm64's CONFIG_UNMAP_KERNEL_AT_EL0).
    kernelArguments: [`console=${console}`, 'nokaslr', 'quiet', 'loglevel=0'],
  });
}
