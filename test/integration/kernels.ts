import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from '../../src/targets';
import { kernelSource } from './kernel';

const folder = resolve(__dirname, '../fixtures/kernels');
const run = promisify(execFile);

/** Where a kernel is loaded, and where it is linked to run; `relocated` when it runs where it is loaded all the same. */
export interface Place {
  readonly physical: bigint;
  readonly virtual: bigint;
  readonly relocated?: boolean;
}

/** Usual places for a kernel of each architecture. */
export const places = {
  x86_64: {
    low: { physical: 0x100000n, virtual: 0x100000n },
    higherHalf: { physical: 0x100000n, virtual: 0xffffffff80100000n },
    relocated: { physical: 0x200000n, virtual: 0n, relocated: true },
  },
  aarch64: {
    low: { physical: 0x40200000n, virtual: 0x40200000n },
    higherHalf: { physical: 0x40200000n, virtual: 0xffffff8040200000n },
    relocated: { physical: 0x40200000n, virtual: 0n, relocated: true },
  },
} satisfies Record<Architecture, Record<string, Place>>;

const compilers = { x86_64: 'gcc', aarch64: 'aarch64-linux-gnu-gcc' };
const copiers = { x86_64: 'objcopy', aarch64: 'aarch64-linux-gnu-objcopy' };

/** Builds test/fixtures/kernels with the sources into an image; flags are the compiler's, and win. */
export async function linkKernel(
  architecture: Architecture,
  image: string,
  { physical, virtual, relocated = false }: Place,
  flags: readonly string[] = [],
  sources: readonly string[] = [kernelSource],
): Promise<string> {
  const hexadecimal = (value: bigint): string => `0x${value.toString(16)}`;
  // A kernel for Arm finds itself wherever it is; for x86, its 32-bit code has to be told where that is.
  const isElsewhere = architecture === 'x86_64' || !relocated;
  const offset = isElsewhere ? BigInt.asIntN(64, virtual - physical) : 0n;
  await run(compilers[architecture], [
    ...['-g', '-O0', '-ffreestanding', '-fpie', '-fvisibility=hidden', '-fno-stack-protector'],
    // As kernels have it: .debug_frame, and no .eh_frame.
    ...[
      '-fno-asynchronous-unwind-tables',
      '-fno-unwind-tables',
      '-static',
      '-nostdlib',
      '-no-pie',
      '-Wall',
      '-Wextra',
      '-Werror',
    ],
    ...[
      '-Wl,--build-id=none',
      '-Wl,-z,noexecstack',
      '-Wl,--no-warn-rwx-segments',
      `-Wl,-T,${join(folder, 'kernel.ld')}`,
    ],
    ...[`-Wl,--defsym=VIRTUAL=${hexadecimal(virtual)}`, `-Wl,--defsym=PHYSICAL=${hexadecimal(physical)}`],
    ...[`-DOFFSET=${offset}`, ...(relocated ? ['-DRELOCATED'] : [])],
    ...(architecture === 'x86_64' ? ['-mno-red-zone'] : []),
    ...flags,
    ...[join(folder, `boot-${architecture}.S`), ...sources, '-o', image],
  ]);
  return image;
}

/** Runs objcopy; answers the file that it writes last. */
export async function objcopy(architecture: Architecture, ...words: string[]): Promise<string> {
  await run(copiers[architecture], words);
  return words.at(-1) ?? '';
}
