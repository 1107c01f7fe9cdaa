import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gdbMissing } from './errors';

/** An installed gdb. */
export interface GdbProgram {
  readonly path: string;
  /** Such as `13.1`. */
  readonly version: string;
}

/** Finds a gdb that knows the architecture: at the given path, else the usual names on PATH and in the usual places. */
export async function findGdb(
  architecture: 'x86_64' | 'aarch64',
  configuredPath: string | undefined,
  signal: AbortSignal,
): Promise<GdbProgram> {
  const candidates = configuredPath ? [configuredPath] : usualPrograms(architecture);
  for (const path of candidates) {
    const version = await usableVersion(path, architecture, signal);
    if (version !== undefined) return { path, version };
  }
  throw gdbMissing(candidates);
}

function usualPrograms(architecture: string): string[] {
  const names = ['gdb-multiarch', `${architecture}-linux-gnu-gdb`, `${architecture}-elf-gdb`, 'gdb'];
  return [
    ...names,
    ...names.map((name) => `/opt/homebrew/bin/${name}`),
    ...names.map((name) => `/usr/local/bin/${name}`),
  ];
}

/** The version, when the program starts and accepts the architecture: distributions build gdb for their own only. */
async function usableVersion(path: string, architecture: string, signal: AbortSignal): Promise<string | undefined> {
  const name = architecture === 'x86_64' ? 'i386:x86-64' : architecture;
  try {
    const { stdout, stderr } = await promisify(execFile)(
      path,
      ['-nx', '-batch', '-ex', 'show version', '-ex', `set architecture ${name}`],
      { signal, timeout: 20_000 },
    );
    if (/Undefined item|undefined architecture/i.test(stderr)) return undefined;
    return /^GNU gdb .*?(\d+\.\d+)/m.exec(stdout)?.[1];
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
