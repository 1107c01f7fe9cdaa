import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Target } from '../targets';
import { messageOf } from '../errors';
import { qemuMissing, qemuTooOld, qemuUnusable } from './errors';

/** An installed system emulator. */
export interface Qemu {
  readonly path: string;
  /** Such as `7.2.22`. */
  readonly version: string;
}

/** The oldest version with everything that the command line uses (`-action` came with 6.0, tested from 6.2). */
const oldest = [6, 2] as const;

/** Finds the emulator of a machine: at the given path (a program, or the folder it lies in), else on PATH, else in the usual places. */
export async function findQemu(
  program: Target['machine']['program'],
  configuredPath: string | undefined,
  signal: AbortSignal,
): Promise<Qemu> {
  const candidates = configuredPath
    ? programsAt(configuredPath, program)
    : [...(process.env['PATH'] ?? '').split(delimiter), ...usualFolders()].map((folder) =>
        join(folder, withEnding(program)),
      );
  for (const path of candidates) {
    if (await isExecutable(path)) return { path, version: await versionOf(path, signal) };
  }
  throw qemuMissing(program, configuredPath ? candidates : ['PATH', ...usualFolders()]);
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

async function versionOf(path: string, signal: AbortSignal): Promise<string> {
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

/** A configured path may name the other architecture's emulator: its neighbour is meant then. */
function programsAt(path: string, program: string): string[] {
  const neighbour = path.replace(/qemu-system-\w+(\.exe)?$/, withEnding(program));
  return [neighbour === path || path.includes('qemu-system-') ? neighbour : path, join(path, withEnding(program))];
}

function withEnding(program: string): string {
  return process.platform === 'win32' ? `${program}.exe` : program;
}

function usualFolders(): string[] {
  if (process.platform === 'win32') return [join(process.env['ProgramFiles'] ?? 'C:\\Program Files', 'qemu')];
  return ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', '/opt/local/bin'];
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return !path.endsWith('/');
  } catch {
    return false;
  }
}
