import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { Guest } from './guest';

/** Where a run is recorded: all that came from outside of the guest, and when (QEMU manual, "Record/replay"). */
export interface Recording {
  /** A new run is recorded, or this guest repeats the one that was. */
  readonly mode: 'record' | 'replay';
  /** What came from outside. */
  readonly log: string;
  /** Holds the machine as it was at the start, and later. */
  readonly disk: string;
  remove(): Promise<void>;
}

/** Makes a place for a recording, outside of the guest's own folder: the guest that replays it is another one. */
export async function createRecording(): Promise<Recording> {
  const folder = await mkdtemp(join(tmpdir(), 'uk-recording-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return { mode: 'record', log: join(folder, 'log'), disk: join(folder, 'disk'), remove };
}

const replaySchema = z.object({ icount: z.number() });

/** How many instructions a guest that is recorded or replayed has executed. */
export async function instructionCount(guest: Guest): Promise<number> {
  return replaySchema.parse(await guest.execute('query-replay')).icount;
}

/** Lets a replay stop once it has executed so many instructions, even where it has them already. Only one place is kept. */
export async function stopReplayAt(guest: Guest, count: number): Promise<void> {
  await guest.execute('replay-break', { icount: count });
}
