import * as z from 'zod';
import { snapshotFailed } from './errors';
import type { Guest } from './guest';

/** Milliseconds in which QEMU writes or reads the memory of a large guest. */
const longest = 60_000;

/** Runs a command of QEMU's monitor, as a person types it, and answers what it prints. */
export async function monitor(guest: Guest, command: string, timeout?: number): Promise<string> {
  const printed = await guest.execute('human-monitor-command', { 'command-line': command }, timeout);
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

/** The monitor prints what went wrong, and nothing else. */
async function quietly(guest: Guest, command: string, name: string): Promise<void> {
  const printed = (await monitor(guest, `${command} "${name.replaceAll(/["\\]/g, '\\$&')}"`, longest)).trim();
  if (printed !== '') throw snapshotFailed(name, printed);
}
