import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { QmpClient } from './qmp';

/** How a guest ended. */
export interface GuestExit {
  /** As a process has it: 0 to 255. */
  readonly status: number;
  /** For people: `exited`, `crashed`, and so on. */
  readonly reason: string;
}

/** How a guest ended, in words: `exit status 3`, `crashed, exit status 139`. */
export function describeExit({ status, reason }: GuestExit): string {
  return reason === 'exited' ? `exit status ${status}` : `${reason}, exit status ${status}`;
}

/** Where the library OS leaves its exit status: the symbol `libos_exit`. */
export interface ExitRecord {
  /** Physical address in the guest. */
  readonly address: bigint;
}

/** The status of a guest that ended without saying how. */
export const unknownExitStatus = 125;

const magic = 0x54495845;
const recordSize = 12;

/** What `struct { uint32_t magic, kind, status; }` says in either architecture's byte order; undefined when it was never written. */
export function parseExitRecord(bytes: Buffer): GuestExit | undefined {
  if (bytes.length < recordSize || bytes.readUInt32LE(0) !== magic) return undefined;
  return { status: bytes.readUInt32LE(8) & 0xff, reason: bytes.readUInt32LE(4) === 2 ? 'crashed' : 'exited' };
}

/** Reads how the guest ended from its memory, while QEMU holds it; `reason` is that of QMP's SHUTDOWN event. */
export async function readGuestExit(
  qmp: QmpClient,
  record: ExitRecord | undefined,
  folder: string,
  reason: string,
): Promise<GuestExit> {
  if (reason.startsWith('host-')) return { status: 143, reason: 'stopped from outside' };
  if (record !== undefined) {
    const file = join(folder, 'exit');
    await qmp.execute('pmemsave', { val: Number(record.address), size: recordSize, filename: file });
    return (
      parseExitRecord(await readFile(file)) ?? {
        status: unknownExitStatus,
        reason: 'ended without an exit status (triple fault?)',
      }
    );
  }
  if (reason === 'guest-shutdown') return { status: 0, reason: 'powered off' };
  return { status: unknownExitStatus, reason: `ended by ${reason}` };
}
