import { notAnAddress } from './errors';

/** The first number that is no address any more. */
export const addressLimit = 1n << 64n;

/** An address as people and gdb write it. */
export function hexadecimal(address: bigint): string {
  return `0x${address.toString(16)}`;
}

/** Reads a memory reference; throws `debug.notAnAddress`. */
export function parseAddress(reference: string): bigint {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(reference)) throw notAnAddress(reference);
  return BigInt(reference);
}
