import { findPhysicalAddress } from '../image/symbol';
import type { ExitRecord } from './exitStatus';

/** Looks for the library OS's `libos_exit` in an image with symbols; undefined in a kernel that is not ours. */
export async function findExitRecord(elfPath: string): Promise<ExitRecord | undefined> {
  const address = await findPhysicalAddress(elfPath, 'libos_exit');
  return address === undefined ? undefined : { address };
}
