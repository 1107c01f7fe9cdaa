import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from '../../src/targets';

const folder = resolve(__dirname, '../fixtures/kernel');

/** The C source of the small kernel that tests boot. */
export const kernelSource = join(folder, 'main.c');

/** What the kernel ends with: 3 + 4 + 10 and the squares below 5. */
export const kernelStatus = 47;

/** The line of a kernel's source, from 1, that carries the tag. */
export function lineOf(tag: string, source = kernelSource): number {
  const line = readFileSync(source, 'utf8')
    .split('\n')
    .findIndex((text) => text.includes(`/* tag: ${tag} */`));
  if (line === -1) throw new Error(`No line is tagged ${tag}.`);
  return line + 1;
}

export interface Kernel {
  readonly image: string;
  readonly exitAddress: bigint;
}

const build = {
  x86_64: {
    compiler: 'gcc',
    flags: ['-m64', '-mno-red-zone', '-Wl,-Ttext-segment=0x100000', '-Wl,-z,noseparate-code'],
  },
  aarch64: { compiler: 'aarch64-linux-gnu-gcc', flags: ['-Wl,-Ttext-segment=0x40200000'] },
};

/** Builds the kernel into a new folder; definitions are as for the compiler's -D. */
export function buildKernel(architecture: Architecture, ...definitions: string[]): Promise<Kernel> {
  return buildKernelOf([kernelSource, ...definitions.map((definition) => `-D${definition}`)], architecture);
}

/** Builds a kernel of a source and the boot code that all of them have; the first words are its own for the compiler. */
export async function buildKernelOf(words: readonly string[], architecture: Architecture): Promise<Kernel> {
  const image = join(await mkdtemp(join(tmpdir(), 'kernel-')), 'kernel.elf');
  const { compiler, flags } = build[architecture];
  await promisify(execFile)(compiler, [
    ...['-g', '-O0', '-ffreestanding', '-fno-pic', '-fno-stack-protector', '-static', '-nostdlib', '-no-pie'],
    ...['-Wl,-e,start', '-Wl,--build-id=none', ...flags],
    join(folder, `boot-${architecture}.S`),
    ...words,
    ...['-o', image],
  ]);
  const { stdout } = await promisify(execFile)('nm', [image]);
  const address = /^([0-9a-f]+) \w libos_exit$/m.exec(stdout)?.[1];
  if (address === undefined) throw new Error('The kernel has no libos_exit.');
  return { image, exitAddress: BigInt(`0x${address}`) };
}
