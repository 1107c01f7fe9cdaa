import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../errors';
import { findExecutables, isExecutable, lookedAt, withEnding } from '../executables';
import type { Target } from '../targets';
import { qemuMissing, qemuTooOld, qemuUnusable } from './errors';

/** An installed system emulator. */
export interface Qemu {
  readonly path: string;
  /** Such as `7.2.22`. */
  readonly version: string;
}

/** The oldest version with everything that the command line uses (`-action` came with 6.0, tested from 6.2). */
const oldest = [6, 2] as const;

/** Where the emulator of a machine is: at the given path (a program, or the folder it lies in), else on PATH, else in the usual places. */
export function locateQemu(program: Target['machine']['program'], configuredPath: string | undefined): string {
  if (!configuredPath) {
    for (const path of findExecutables([program])) return path;
    throw qemuMissing(program, lookedAt);
  }
  const candidates = programsAt(configuredPath, program);
  for (const path of candidates) if (isExecutable(path)) return path;
  throw qemuMissing(program, candidates);
}

/** As locateQemu, and runs it to see that it starts and is new enough: some 50 ms, which a boot can do without. */
export async function findQemu(
  program: Target['machine']['program'],
  configuredPath: string | undefined,
  signal: AbortSignal,
): Promise<Qemu> {
  const path = locateQemu(program, configuredPath);
  return { path, version: await versionOf(path, signal) };
}

/** The version of a QEMU; throws `qemu.unusable` or `qemu.tooOld`. */
export async function versionOf(path: string, signal: AbortSignal): Promise<string> {
  let output: string;
  try {
    ({ stdout: output } = await promisify(execFile)(path, ['--version'], { signal, timeout: 20_000 }));
  } catch (error) {
    signal.throwIfAborted();
    throw qemuUnusable(path, messageOf(error));
  }
  const version = parseVersion(output);
  if (version === undefined) throw qemuUnusable(path, output);
  if (!isSupported(version)) throw qemuTooOld(path, version);
  return version;
}

/** The version that `qemu --version` prints, or undefined. */
export function parseVersion(output: string): string | undefined {
  return /version (\d+\.\d+(?:\.\d+)?)/.exec(output)?.[1];
}

/** True from the oldest supported version on. */
export function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

/** A configured path may name the other architecture's emulator: its neighbour is meant then. */
function programsAt(path: string, program: string): string[] {
  const neighbour = path.replace(/qemu-system-\w+(\.exe)?$/, withEnding(program));
  return [neighbour === path || path.includes('qemu-system-') ? neighbour : path, join(path, withEnding(program))];
}
