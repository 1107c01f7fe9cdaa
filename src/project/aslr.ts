import * as z from 'zod';
import { bytesOfMemory } from './memory';

const pageSize = 4096;

/** x86_64's code reaches the first 2 GiB, and QEMU's machines have RAM there that begins at 0 and has no hole in the first 512 MiB. */
const limit = 2 ** 29;

const message = 'must be true, false, or an offset that a report names: whole pages below 512 MiB, such as "0x1a35000"';

/** The field "aslr" of unikernel.json. */
export const aslrSchema = z
  .union([z.boolean(), z.string().regex(/^0x(0|[1-9a-f][0-9a-f]{0,3}000|1[0-9a-f]{4}000)$/, message)], message)
  .describe(
    'Address space layout randomisation: the image gets an address of its own each time that it is linked; stack, heap and mappings at each boot. In place of true, the offset of an image that its report names, such as "0x1a35000", makes that image again.',
  );

/**
 * How many pages behind its usual address an image may be: the first and the last number of them, or undefined without
 * randomisation. Chosen is from a quarter of the memory, which leaves most of it in one piece.
 */
export function imagePages(
  aslr: z.output<typeof aslrSchema>,
  memory: string,
): { readonly first: number; readonly last: number } | undefined {
  if (aslr === false) return undefined;
  if (aslr !== true) return { first: Number(aslr) / pageSize, last: Number(aslr) / pageSize };
  return { first: 0, last: Math.min(bytesOfMemory(memory) / 4, limit) / pageSize - 1 };
}
