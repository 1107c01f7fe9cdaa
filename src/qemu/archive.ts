import { stat } from 'node:fs/promises';
import { bytesOfMemory } from '../project/memory';
import { filesDoNotFit } from './errors';
import { memoryStart } from './memoryStart';

/** An archive of files, and where it is in the memory of a machine that is not handed it as an initrd. */
export interface Archive {
  readonly path: string;
  readonly bytes: number;
  readonly address: number;
}

const pageSize = 4096;
const mebibyte = 2 ** 20;
/** What the image and its heap need at least beside the files. */
const leastBeside = 8 * mebibyte;
/** On virt, the archive is at the end of memory, but not beyond what a 32-bit address reaches. */
const furthestEnd = 0x100000000;

/** Looks at the archive; an error where the guest's memory is too small for it. */
export async function measureArchive(path: string | undefined, memory: string): Promise<Archive | undefined> {
  if (path === undefined) return undefined;
  const { size } = await stat(path);
  const available = bytesOfMemory(memory);
  if (size + leastBeside > available) throw filesDoNotFit(size, memory);
  const end = Math.min(Number(memoryStart.aarch64) + available, furthestEnd);
  return { path, bytes: size, address: end - Math.ceil(size / pageSize) * pageSize };
}

/** Tells the library OS where it is, as Linux's initrdmem= does. */
export function placeOfArchive({ address, bytes }: Archive): string {
  return `initrdmem=${address},${bytes}`;
}
