import { readFile } from 'node:fs/promises';
import { isElf64, parseElf } from '../image/elf';
import type { ExitRecord } from './exitStatus';

/** Looks for the library OS's `libos_exit` in an image with symbols; undefined in a kernel that is not ours. */
export async function findExitRecord(elfPath: string): Promise<ExitRecord | undefined> {
  const file = await readFile(elfPath);
  if (!isElf64(file)) return undefined;
  const elf = parseElf(file);
  const symbol = elf.findSymbol('libos_exit');
  const address = symbol && elf.physicalAddress(symbol.address);
  return address === undefined ? undefined : { address };
}
