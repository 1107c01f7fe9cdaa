import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple } from '../gdb/mi/record';
import { messageOf, UnikernelError } from '../errors';
import type { Debuggee } from './debuggee';
import type { Handlers } from './requests';

interface Wanted {
  /** The words of -break-insert that say where. */
  readonly where: readonly string[];
  readonly condition?: string | undefined;
  readonly hitCondition?: string | undefined;
  readonly logMessage?: string | undefined;
}

interface Inserted {
  readonly key: string;
  readonly number: string;
  readonly logMessage: string | undefined;
  readonly shown: DebugProtocol.Breakpoint;
}

/** The requests that set breakpoints. */
export const breakpointHandlers = {
  setBreakpoints: (debuggee, { source, breakpoints = [] }) =>
    set(debuggee, () => debuggee.breakpoints.setLines(source.path ?? '', breakpoints)),
  setFunctionBreakpoints: (debuggee, { breakpoints }) =>
    set(debuggee, () => debuggee.breakpoints.setFunctions(breakpoints)),
  setInstructionBreakpoints: (debuggee, { breakpoints }) =>
    set(debuggee, () => debuggee.breakpoints.setInstructions(breakpoints)),
} satisfies Handlers;

/** gdb takes breakpoints only while the guest stands still. */
async function set(
  { execution }: Debuggee,
  action: () => Promise<DebugProtocol.Breakpoint[]>,
): Promise<{ breakpoints: DebugProtocol.Breakpoint[] }> {
  return { breakpoints: await execution.whileStopped(action) };
}

/** The breakpoints that the person set, and their numbers in gdb. */
export class Breakpoints {
  /** By source path; functions have a group of their own. */
  private readonly groups = new Map<string, Inserted[]>();

  constructor(private readonly gdb: Gdb) {}

  /** Makes these the breakpoints of a source file. Those that are there already stay as they are. */
  setLines(path: string, wanted: readonly DebugProtocol.SourceBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    return this.set(
      path,
      wanted.map((breakpoint) => ({
        ...breakpoint,
        where: ['--source', path, '--line', String(breakpoint.line)],
      })),
    );
  }

  /** Makes these the breakpoints at functions. */
  setFunctions(wanted: readonly DebugProtocol.FunctionBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    return this.set(
      'functions',
      wanted.map((breakpoint) => ({ ...breakpoint, where: ['--function', breakpoint.name] })),
    );
  }

  /** Makes these the breakpoints at instructions. */
  setInstructions(wanted: readonly DebugProtocol.InstructionBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    return this.set(
      'instructions',
      wanted.map((breakpoint) => {
        const address = BigInt(breakpoint.instructionReference) + BigInt(breakpoint.offset ?? 0);
        return { ...breakpoint, where: [`*0x${address.toString(16)}`] };
      }),
    );
  }

  /** The identifier that the person's side knows the breakpoint by. */
  idOf(number: string): number | undefined {
    return this.all().find((breakpoint) => breakpoint.number === number)?.shown.id;
  }

  /** The message of a breakpoint that only logs. */
  logMessageOf(number: string): string | undefined {
    return this.all().find((breakpoint) => breakpoint.number === number)?.logMessage;
  }

  private all(): Inserted[] {
    return [...this.groups.values()].flat();
  }

  private async set(group: string, wanted: readonly Wanted[]): Promise<DebugProtocol.Breakpoint[]> {
    const before = this.groups.get(group) ?? [];
    const keys = wanted.map(keyOf);
    const obsolete = before.filter((breakpoint) => !keys.includes(breakpoint.key));
    if (obsolete.length > 0) {
      await this.gdb.send(
        'break-delete',
        obsolete.map((breakpoint) => breakpoint.number),
      );
    }
    const inserted: Inserted[] = [];
    const shown: DebugProtocol.Breakpoint[] = [];
    for (const [index, each] of wanted.entries()) {
      const key = keys[index] ?? '';
      const kept = before.find((breakpoint) => breakpoint.key === key) ?? (await this.insert(key, each));
      if ('key' in kept) inserted.push(kept);
      shown.push('key' in kept ? kept.shown : kept);
    }
    this.groups.set(group, inserted);
    return shown;
  }

  /** Inserts one; what gdb refuses is shown as unverified, with its words. */
  private async insert(key: string, wanted: Wanted): Promise<Inserted | DebugProtocol.Breakpoint> {
    const ignored = Number(/\d+/.exec(wanted.hitCondition ?? '')?.[0] ?? 1) - 1;
    try {
      const results = await this.gdb.send('break-insert', [
        ...(wanted.condition ? ['-c', wanted.condition] : []),
        ...(ignored > 0 ? ['-i', String(ignored)] : []),
        ...wanted.where,
      ]);
      const breakpoint = tuple(results['bkpt']);
      const number = text(breakpoint['number']);
      return { key, number, logMessage: wanted.logMessage, shown: show(number, breakpoint) };
    } catch (error) {
      return { verified: false, message: error instanceof UnikernelError ? error.what : messageOf(error) };
    }
  }
}

function keyOf({ where, condition, hitCondition, logMessage }: Wanted): string {
  return JSON.stringify([where, condition, hitCondition, logMessage]);
}

function show(number: string, breakpoint: MiTuple): DebugProtocol.Breakpoint {
  const place = 'line' in breakpoint ? breakpoint : tuple(list(breakpoint['locations'])[0]);
  const line = Number(text(place['line']));
  const path = text(place['fullname']);
  return {
    id: Number(number),
    verified: true,
    ...(line > 0 ? { line } : {}),
    ...(path === '' ? {} : { source: { path } }),
  };
}
