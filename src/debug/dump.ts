import { stat } from 'node:fs/promises';
import type { Artifact } from '../build/artifact';
import { messageOf } from '../errors';
import { readNote } from '../qemu/snapshotDisk';
import { deadGuest, notADump, rebuiltSince, unreadable } from './errors';
import type { Bounds } from './execution';

/** What is needed beside the machine's state to look at a guest that crashed. */
export interface Dump {
  /** The target's identifier. */
  readonly target: string;
  readonly memory: string;
  readonly artifact: Artifact;
  /** When the file with the symbols was written, in milliseconds since 1970. */
  readonly builtAt: number;
}

/** The note that a dump carries. */
export async function noteOf(dump: Omit<Dump, 'builtAt'>): Promise<string> {
  return JSON.stringify({ ...dump, builtAt: await writtenAt(dump.artifact.symbols) });
}

/** Reads what a dump is of; throws where the file is none, or where its program was built again since. */
export async function readDump(path: string): Promise<Dump> {
  const note = await readNote(path).catch((error: unknown) => {
    throw unreadable(path, messageOf(error));
  });
  if (note === undefined) throw notADump(path);
  const dump = JSON.parse(note) as Dump;
  if ((await writtenAt(dump.artifact.symbols)) !== dump.builtAt) throw rebuiltSince(path, dump.artifact.symbols);
  return dump;
}

/** Undefined for a file that is gone. */
async function writtenAt(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

/** A guest that crashed only shows how it was. */
export const dead: Bounds = {
  leave: () => Promise.reject(deadGuest()),
  arrive: (stop) => Promise.resolve(stop),
};
