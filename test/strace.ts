import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Why no program can be traced here; undefined where it can. */
export async function whyNoTrace(): Promise<string | undefined> {
  const { execa } = await import('execa');
  const traced = await execa('strace', ['-qq', '-o', '/dev/null', 'true'], { reject: false });
  return traced.exitCode === 0 ? undefined : `nothing can be traced here (${traced.stderr.split('\n')[0] ?? ''})`;
}

/** The words before a command that have its calls written into a log, and those of what it starts: strace(1). */
export const traceInto = (log: string): string[] => ['strace', '-f', '-qq', '-A', '-o', log];

/** The calls that discovery finds in a program. */
export async function callsFound(program: string): Promise<Set<string>> {
  const { execa } = await import('execa');
  const folder = await mkdtemp(join(tmpdir(), 'unikernel-discover-'));
  try {
    const [discover, handlers] = [join(folder, 'discover'), join(folder, 'handlers')];
    await execa(resolve(__dirname, '../toolchains/shared/discover/build'), [discover]);
    await writeFile(handlers, '');
    const { stdout } = await execa(discover, [program, '--handlers', handlers]);
    const { reached } = JSON.parse(stdout) as { reached: { name: string }[] };
    return new Set(reached.map(({ name }) => name));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The calls that a traced program made. */
export async function callsMade(log: string): Promise<Set<string>> {
  const lines = await readFile(log, 'utf8');
  const made = new Set([...lines.matchAll(/^\d+ +([a-z]\w*)\(/gm)].map(([, name = '']) => name));
  // What starts the program is not of it; and the kernel makes the second one itself after a stop.
  made.delete('execve');
  made.delete('restart_syscall');
  // Numbers that are no call's: strace has no name for them.
  for (const name of made) if (name.startsWith('syscall_')) made.delete(name);
  return made;
}
