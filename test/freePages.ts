import { readArtifact } from '../src/build/build';
import { readElf } from '../src/image/elf';
import type { Guest } from '../src/qemu/guest';
import { monitor } from '../src/qemu/snapshots';
import type { Target } from '../src/targets';

/**
 * Finds the library OS's count of its free pages, `libos_pages_free`, in what was built in the folder. The function that it returns reads it
 * while the guest runs, from outside (QEMU's `xp`): the guest does nothing for that.
 */
export async function findFreePages(guest: Guest, folder: string, target: Target): Promise<() => Promise<number>> {
  const elf = await readElf((await readArtifact(folder, target.architecture)).symbols);
  const address = elf.physicalAddress(elf.findSymbol('libos_pages_free')!.address)!;
  return async () => Number(/: *(\d+)/.exec(await monitor(guest, `xp /1dg 0x${address.toString(16)}`))?.[1]);
}
