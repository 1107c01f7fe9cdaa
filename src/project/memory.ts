import * as z from 'zod';

/** Amounts of memory as QEMU writes them: a number and M or G (mebibytes, gibibytes). */
export const memorySchema = z
  .string()
  .regex(/^[1-9][0-9]*[MG]$/, 'must be a number followed by M or G, such as "64M"')
  .describe('Memory of the guest: a number of mebibytes (M) or gibibytes (G).');

/** How many bytes that is. */
export function bytesOfMemory(memory: string): number {
  const [, number = '0', unit = 'M'] = /^(\d+)([MG]?)$/i.exec(memory) ?? [];
  return Number(number) * 2 ** (unit.toUpperCase() === 'G' ? 30 : 20);
}
