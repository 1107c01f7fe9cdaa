import * as z from 'zod';
import { snapshotFailed } from './errors';
import type { Guest } from './guest';

/** Milliseconds in which QEMU writes or reads the memory of a large guest. */
const longest = 60_000;

/** Runs a command of QEMU's monitor, as a person types it, as of one CPU, and answers what it prints. */
export async function monitor(guest: Guest, command: string, timeout?: number, cpu = 0): Promise<string> {
  const args = { 'command-line': command, 'cpu-index': cpu };
  const printed = await guest.execute('human-monitor-command', args, timeout);
  return z.string().parse(printed).replaceAll('\r\n', '\n');
}

/** Keeps the whole machine as it is under a name; throws `qemu.snapshot`. */
export async function saveSnapshot(guest: Guest, name: string): Promise<void> {
  await quietly(guest, 'savevm', name);
}

/** Makes the whole machine as it was, which must stand still; throws `qemu.snapshot`. gdb is not told. */
export async function loadSnapshot(guest: Guest, name: string): Promise<void> {
  await quietly(guest, 'loadvm', name);
}

/** A snapshot that can be restored. */
export interface Snapshot {
  readonly name: string;
  /** When it was saved, in seconds since 1970. */
  readonly savedAt: number;
}

const blockSchema = z.array(
  z.object({
    inserted: z
      .object({
        image: z.object({ snapshots: z.array(z.object({ name: z.string(), 'date-sec': z.number() })).default([]) }),
      })
      .optional(),
  }),
);

/** The snapshots that the guest's disk holds, the oldest first. */
export async function listSnapshots(guest: Guest): Promise<Snapshot[]> {
  const disks = blockSchema.parse(await guest.execute('query-block'));
  return disks.flatMap(({ inserted }) =>
    (inserted?.image.snapshots ?? []).map((snapshot) => ({ name: snapshot.name, savedAt: snapshot['date-sec'] })),
  );
}

/** The monitor prints what went wrong, and nothing else. */
async function quietly(guest: Guest, command: string, name: string): Promise<void> {
  const printed = (await monitor(guest, `${command} "${name.replaceAll(/["\\]/g, '\\$&')}"`, longest)).trim();
  if (printed !== '') throw snapshotFailed(name, printed);
}
