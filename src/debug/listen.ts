import { mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../folders';
import type { Gdb } from '../gdb/gdb';

/** Is given each gdb before the first word is said to it. */
export type Listen = (gdb: Gdb) => void;

/** So many traces are kept. */
const kept = 10;

/**
 * Writes all that is said to gdb (`>`) and by it (`<`), with the milliseconds since the start, to a new file that only
 * this user can read; the oldest of them go. Nothing of it is lost when this process is killed.
 */
export function traceTo(folder = join(cacheFolder(), 'traces')): { path: string; listen: Listen } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const old = readdirSync(folder).filter((name) => name.endsWith('.log'));
  for (const name of old.sort().slice(0, -(kept - 1))) rmSync(join(folder, name), { force: true });
  const path = join(folder, `${new Date().toISOString().replaceAll(':', '-')}-${process.pid}.log`);
  const file = openSync(path, 'wx', 0o600);
  const start = performance.now();
  return {
    path,
    listen: (gdb) => {
      gdb.on('line', (direction, line) => {
        writeSync(file, `${(performance.now() - start).toFixed(1)} ${direction} ${line}\n`);
      });
    },
  };
}

/** Hands on each warning of gdb's once: the same one comes with every file, or at every stop. */
export function tellWarnings(tell: (warning: string) => void): Listen {
  const told = new Set<string>();
  return (gdb) => {
    gdb.on('warning', (warning) => {
      // gdb says this of every stub that is no gdbserver, and nothing follows from it.
      if (told.has(warning) || warning.includes('does not support determining executable automatically')) return;
      told.add(warning);
      tell(warning);
    });
  };
}
