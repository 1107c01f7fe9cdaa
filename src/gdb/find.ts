import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findExecutables, lookedAt } from '../executables';
import type { Architecture } from '../targets';
import { gdbMissing } from './errors';

/** An installed gdb. */
export interface GdbProgram {
  readonly path: string;
  /** Such as `13.1`. */
  readonly version: string;
}

/** What gdb calls the architecture. */
export const gdbArchitecture = { x86_64: 'i386:x86-64', aarch64: 'aarch64' } as const;

/** The programs that may be a gdb for the architecture: the given path, else those of the usual names, the likeliest first. */
export function* gdbCandidates(architecture: Architecture, configuredPath: string | undefined): Generator<string> {
  if (configuredPath) yield configuredPath;
  else yield* findExecutables(namesFor(architecture));
}

/** For the error when none of them is one. */
export function noGdb(architecture: Architecture, configuredPath: string | undefined): Error {
  return gdbMissing(configuredPath ? [configuredPath] : [...namesFor(architecture), ...lookedAt]);
}

/** Finds a gdb that knows the architecture by running it, which takes some 50 ms. */
export async function findGdb(
  architecture: Architecture,
  configuredPath: string | undefined,
  signal: AbortSignal,
): Promise<GdbProgram> {
  for (const path of gdbCandidates(architecture, configuredPath)) {
    const version = await usableVersion(path, architecture, signal);
    if (version !== undefined) return { path, version };
  }
  throw noGdb(architecture, configuredPath);
}

function namesFor(architecture: Architecture): string[] {
  return ['gdb-multiarch', `${architecture}-linux-gnu-gdb`, `${architecture}-elf-gdb`, 'gdb'];
}

/** The version, when the program starts and accepts the architecture: distributions build gdb for their own only. */
async function usableVersion(
  path: string,
  architecture: Architecture,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(
      path,
      ['-nx', '-batch', '-ex', 'show version', '-ex', `set architecture ${gdbArchitecture[architecture]}`],
      { signal, timeout: 20_000 },
    );
    if (/Undefined item|undefined architecture/i.test(stderr)) return undefined;
    return /^GNU gdb .*?(\d+\.\d+)/m.exec(stdout)?.[1];
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
