import { readFile } from 'node:fs/promises';
import type { Artifact } from '../build/artifact';
import { isCancelled, messageOf, UnikernelError } from '../errors';
import { gdbArchitecture, gdbCandidates, noGdb } from '../gdb/find';
import { Gdb } from '../gdb/gdb';
import { startGdbProcess } from '../gdb/process';
import { CrashSymboliser } from '../gdb/symbolise';
import { isElf64, parseElf } from '../image/elf';
import { findExitRecord } from '../qemu/exitRecord';
import { Guest, type GuestOptions } from '../qemu/guest';
import { defaultTarget, findTarget, type Architecture, type Target } from '../targets';
import type { AttachArguments, LaunchArguments } from './arguments';
import { nothingToBoot, unreadable } from './errors';
import type { Listen } from './listen';

/** What a launch starts, from its arguments and the artifact. */
export interface LaunchPlan {
  readonly name: string;
  readonly target: Target;
  readonly symbols: string;
  readonly sourceMap: Readonly<Record<string, string>>;
  readonly guest: GuestOptions;
}

/** What gdb has to know before it connects. */
export interface GdbPlan {
  readonly architecture: Target['architecture'];
  readonly gdbPath: string | undefined;
  readonly symbols: string | undefined;
  readonly sourceMap: Readonly<Record<string, string>>;
}

/** Reads the artifact and decides what to boot, and how. */
export async function planLaunch(args: LaunchArguments): Promise<LaunchPlan> {
  const target = targetOf(args.target);
  const artifact = args.artifact === undefined ? undefined : await readArtifact(args.artifact);
  const image = args.kernel ?? artifact?.image;
  if (image === undefined) throw nothingToBoot();
  const symbols = args.symbols ?? (args.kernel === undefined ? artifact?.symbols : undefined) ?? image;
  const exitRecord = await findExitRecord(symbols).catch((error: unknown) => {
    throw unreadable(symbols, messageOf(error));
  });
  const { architecture } = target;
  const sourceMap = { ...artifact?.sourceMap, ...args.sourceMap };
  return {
    name: artifact?.name ?? image,
    target,
    symbols,
    sourceMap,
    guest: {
      machine: target.machine,
      image,
      memory: args.memory ?? artifact?.memory ?? '128M',
      qemuPath: args.qemuPath,
      kernelArguments: args.args,
      additionalArguments: args.qemuArgs,
      exitRecord,
      consoleFilter: new CrashSymboliser({
        ...{ architecture, symbols, sourceMap },
        ...{ gdbPath: args.gdbPath, folder: args.project },
      }),
      debug: args.noDebug !== true,
    },
  };
}

/** Starts the guest, frozen when it is to be debugged. */
export function startGuest(plan: LaunchPlan, signal: AbortSignal): Promise<Guest> {
  return Guest.start(plan.guest, signal);
}

/** What gdb has to know to attach. */
export async function planAttach(args: AttachArguments): Promise<GdbPlan> {
  return {
    architecture: (await architectureOf(args.symbols)) ?? targetOf(args.target).architecture,
    gdbPath: args.gdbPath,
    symbols: args.symbols,
    sourceMap: args.sourceMap ?? {},
  };
}

/** Starts gdb and gives it the symbols and all settings, so that it only has to connect. */
export async function startGdb(plan: GdbPlan, listen: Listen, signal: AbortSignal): Promise<Gdb> {
  const gdb = await startUsableGdb(plan, listen, signal);
  return orKilled(gdb, signal, async () => {
    await Promise.all([
      ...settings.map((setting) => gdb.send('gdb-set', setting)),
      // gdb knows this one only since 12.
      gdb.send('gdb-set', ['debuginfod', 'enabled', 'off']).catch(() => undefined),
      ...Object.entries(plan.sourceMap).map(([from, to]) => gdb.send('gdb-set', ['substitute-path', from, to])),
    ]);
    if (plan.symbols !== undefined) await gdb.send('file-exec-and-symbols', [plan.symbols], 60_000);
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

/** Starts the first gdb that knows the architecture: distributions build theirs for their own only. */
async function startUsableGdb({ architecture, gdbPath }: GdbPlan, listen: Listen, signal: AbortSignal): Promise<Gdb> {
  for await (const path of gdbCandidates(architecture, gdbPath)) {
    const gdb = new Gdb(startGdbProcess(path));
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

function targetOf(id: string | undefined): Target {
  return (id === undefined ? undefined : findTarget(id)) ?? defaultTarget;
}

/** What an ELF was built for; undefined without one, or where it does not say (a 32-bit multiboot image). */
async function architectureOf(path: string | undefined): Promise<Architecture | undefined> {
  if (path === undefined) return undefined;
  const file = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, messageOf(error));
  });
  return isElf64(file) ? parseElf(file).machine : undefined;
}

async function readArtifact(path: string): Promise<Artifact> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Artifact;
  } catch (error) {
    throw unreadable(path, messageOf(error));
  }
}
