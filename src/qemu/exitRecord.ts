import { readFile } from 'node:fs/promises';
import { isElf64, parseElf, type Elf } from '../image/elf';
import type { ExitRecord } from './exitStatus';

/** Looks for the library OS's `libos_exit` in an image with symbols; undefined in a kernel that is not ours. */
export async function findExitRecord(elfPath: string): Promise<ExitRecord | undefined> {
  const file = await readFile(elfPath);
  if (!isElf64(file)) return undefined;
  return exitRecordIn(parseElf(file));
}

/** As findExitRecord, of an ELF that was read. */
export function exitRecordIn(elf: Elf): ExitRecord | undefined {
  const symbol = elf.findSymbol('libos_exit');
  const address = symbol && elf.physicalAddress(symbol.address);
  return address === undefined ? undefined : { address };
}
