import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where package managers put programs, also when a desktop started the editor with a short PATH. */
const usualFolders =
  process.platform === 'win32'
    ? [join(process.env['ProgramFiles'] ?? 'C:\\Program Files', 'qemu')]
    : ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', '/opt/local/bin'];

/** For people: where findExecutables looks. */
export const lookedAt: readonly string[] = ['PATH', ...usualFolders];

/** A program's name as the file system has it. */
export function withEnding(program: string): string {
  return process.platform === 'win32' ? `${program}.exe` : program;
}

/** The programs of these names that are there, in the order of the names: on PATH, then in the usual places. */
export function* findExecutables(names: readonly string[]): Generator<string> {
  const folders = new Set([...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), ...usualFolders]);
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, withEnding(name));
      if (isExecutable(path)) yield path;
    }
  }
}

/** True for a file that may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
