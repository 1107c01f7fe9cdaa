import type { Elf } from '../image/elf';
import type { ExitRecord } from './exitStatus';

/** Looks for the library OS's `libos_exit` among an image's symbols; undefined in a kernel that is not ours. */
export function findExitRecord(elf: Elf): ExitRecord | undefined {
  const symbol = elf.findSymbol('libos_exit');
  const address = symbol && elf.physicalAddress(symbol.address);
  return address === undefined ? undefined : { address };
}
