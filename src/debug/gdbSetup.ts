import { isCancelled, messageOf, UnikernelError } from '../errors';
import { gdbArchitecture, gdbCandidates, noGdb } from '../gdb/find';
import { Gdb } from '../gdb/gdb';
import { usePrettyPrinters } from '../gdb/prettyPrinters';
import type { GdbStarter } from '../gdb/starter';
import type { Elf } from '../image/elf';
import type { Architecture } from '../targets';
import { commandFailed } from './errors';
import type { Listen } from './listen';

/** What gdb has to know of a guest. */
export interface GdbPlan {
  readonly architecture: Architecture;
  readonly gdbPath: string | undefined;
  /** The ELF whose code runs, where it is not the first file with symbols. */
  readonly executable: string | undefined;
  /** The kernel's first, then those of what else runs in the guest. */
  readonly symbols: readonly string[];
  /** What is read of the first. */
  readonly elf: Elf | undefined;
  /** How far from where it was linked the kernel runs, in bytes: a number as C writes it. */
  readonly loadOffset: string | undefined;
  readonly sourceMap: Readonly<Record<string, string>>;
  /** Commands of the person's for gdb, each time that it has connected. */
  readonly commands: readonly string[];
}

/** Starts gdb and gives it the symbols and all settings, so that it only has to connect. */
export async function startGdb(plan: GdbPlan, starter: GdbStarter, listen: Listen, signal: AbortSignal): Promise<Gdb> {
  const gdb = await startUsableGdb(plan, starter, listen, signal).finally(() => {
    starter.drop();
  });
  return orKilled(gdb, signal, async () => {
    await Promise.all([
      ...settings.map((setting) => gdb.send('gdb-set', setting)),
      usePrettyPrinters(gdb),
      // gdb knows this one only since 12.
      gdb.send('gdb-set', ['debuginfod', 'enabled', 'off']).catch(() => undefined),
      ...Object.entries(plan.sourceMap).map(([from, to]) => gdb.send('gdb-set', ['substitute-path', from, to])),
    ]);
    await loadSymbols(gdb, plan);
    return gdb;
  });
}

/** Kills gdb when the action fails, and on an abort: a gdb that waits for something cannot be asked to leave it. */
export async function orKilled<T>(gdb: Gdb, signal: AbortSignal, action: () => Promise<T>): Promise<T> {
  const kill = (): void => {
    gdb.kill();
  };
  signal.addEventListener('abort', kill);
  try {
    signal.throwIfAborted();
    return await action();
  } catch (error) {
    kill();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/** Runs the person's own commands; the first that gdb refuses is an error that names it. */
export async function runCommands(gdb: Gdb, commands: readonly string[]): Promise<void> {
  for (const command of commands) {
    await gdb.send('interpreter-exec', ['console', command], 60_000).catch((error: unknown) => {
      throw commandFailed(command, error instanceof UnikernelError ? error.what : messageOf(error));
    });
  }
}

async function loadSymbols(gdb: Gdb, { architecture, executable, symbols, loadOffset }: GdbPlan): Promise<void> {
  const [kernel, ...others] = symbols;
  if (loadOffset !== undefined || kernel === undefined) {
    // Nothing else says what it is: an executable's code would be looked for where it was linked.
    await gdb.send('gdb-set', ['architecture', gdbArchitecture[architecture]]);
    if (kernel !== undefined) await addSymbols(gdb, kernel, loadOffset);
  } else if (executable === undefined || executable === kernel) {
    await gdb.send('file-exec-and-symbols', [kernel], slow);
  } else {
    await gdb.send('file-exec-file', [executable], slow);
    await gdb.send('file-symbol-file', [kernel], slow);
  }
  for (const other of others) await addSymbols(gdb, other);
}

/** Milliseconds for a file with much debug information. */
const slow = 60_000;

async function addSymbols(gdb: Gdb, path: string, offset?: string): Promise<void> {
  const words = [
    'add-symbol-file',
    `"${path.replace(/["\\]/g, '\\$&')}"`,
    ...(offset === undefined ? [] : ['-o', offset]),
  ];
  await gdb.send('interpreter-exec', ['console', words.join(' ')], slow);
}

/** Starts the first gdb that knows the architecture: distributions build theirs for their own only. */
async function startUsableGdb(
  { architecture, gdbPath }: GdbPlan,
  starter: GdbStarter,
  listen: Listen,
  signal: AbortSignal,
): Promise<Gdb> {
  for (const path of gdbCandidates(architecture, gdbPath)) {
    const gdb = new Gdb(starter.start(path));
    listen(gdb);
    try {
      return await orKilled(gdb, signal, async () => {
        await gdb.send('gdb-set', ['architecture', gdbArchitecture[architecture]], 20_000);
        await gdb.send('gdb-set', ['architecture', 'auto']);
        return gdb;
      });
    } catch (error) {
      if (isCancelled(error) || (error instanceof UnikernelError && error.code === 'gdb.timeout')) throw error;
    }
  }
  throw noGdb(architecture, gdbPath);
}

const settings = [
  ['mi-async', 'on'],
  ['pagination', 'off'],
  ['confirm', 'off'],
  ['width', '0'],
  // Seconds in which a guest that is only starting may begin to listen.
  ['tcp', 'connect-timeout', '5'],
  // Otherwise a breakpoint set at reset in a higher-half kernel lands before the prologue.
  ['trust-readonly-sections', 'on'],
  // A stack without unwind information may never end.
  ['backtrace', 'limit', '64'],
  ['backtrace', 'past-main', 'on'],
] as const;
