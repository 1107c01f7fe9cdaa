import { readIfElf } from '../image/elf';
import { bytesOfMemory } from '../project/memory';
import type { Archive } from './archive';
import { imageDoesNotFit } from './errors';
import { memoryStart } from './memoryStart';

const PT_LOAD = 1;

/**
 * Throws where a guest's memory ends before its image, or has no room for the files behind that: QEMU would not say so. Images that are no
 * ELF64 are not looked into.
 */
export async function checkFit(image: string, files: Archive | undefined, memory: string): Promise<void> {
  const elf = await readIfElf(image);
  if (elf === undefined) return;
  const { machine = 'x86_64', segments } = elf;
  const ends = segments
    .filter(({ type }) => type === PT_LOAD)
    .map(({ physicalAddress, memoryBytes }) => Number(physicalAddress - memoryStart[machine]) + memoryBytes);
  const end = Math.max(...ends) + (files?.bytes ?? 0);
  if (end > bytesOfMemory(memory)) throw imageDoesNotFit(end, memory);
}
