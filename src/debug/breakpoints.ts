import type { DebugProtocol } from '@vscode/debugprotocol';
import { EventEmitter } from 'node:events';
import { messageOf, UnikernelError } from '../errors';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple } from '../gdb/mi/record';
import { hexadecimal } from './addresses';
import { linesOf } from './breakpointLocations';
import type { Statement } from './columns';
import type { Debuggee } from './debuggee';
import type { ExceptionKind } from './exceptions';
import { HitCondition } from './hitCondition';
import { Logpoints } from './logpoints';
import type { Handlers } from './requests';

/** The requests that set breakpoints in code. */
export const breakpointHandlers = {
  setBreakpoints: async (debuggee, { source: { path = '' }, breakpoints = [] }) => {
    const columns = new Map(
      await Promise.all(breakpoints.map(async (each) => [each, await findColumn(debuggee, path, each)] as const)),
    );
    return setBreakpoints(debuggee, `line ${path}`, breakpoints, (breakpoint) => {
      const found = columns.get(breakpoint);
      return found === undefined
        ? { where: ['--source', path, '--line', String(breakpoint.line)] }
        : { where: [`*${hexadecimal(found.address)}`], column: found.column };
    });
  },
  setFunctionBreakpoints: (debuggee, { breakpoints }) =>
    setBreakpoints(debuggee, 'function', breakpoints, ({ name }) => ({ where: ['--function', name] })),
  setInstructionBreakpoints: (debuggee, { breakpoints }) =>
    setBreakpoints(debuggee, 'instruction', breakpoints, ({ instructionReference, offset = 0 }) => ({
      where: [`*${hexadecimal(BigInt(instructionReference) + BigInt(offset))}`],
    })),
} satisfies Handlers;

/** Where a breakpoint goes that is set on a column; undefined where it is one of the line. */
async function findColumn(
  { gdb, columns }: Debuggee,
  path: string,
  { line, column }: DebugProtocol.SourceBreakpoint,
): Promise<Statement | undefined> {
  return column === undefined ? undefined : columns.find(await linesOf(gdb, path, line, line), column);
}

/** When a breakpoint stops. */
export type Conditions = Pick<DebugProtocol.SourceBreakpoint, 'condition' | 'hitCondition' | 'logMessage'>;

/** A breakpoint that is to be there. */
export interface Wanted extends Conditions {
  /** gdb's command: `break-watch` for one on data. */
  readonly operation?: 'break-insert' | 'break-watch';
  /** The words that say where. */
  readonly where: readonly string[];
  /** Where in its line it is, for one that is not the line's. */
  readonly column?: number;
  /** What passes by here, for a breakpoint that stands for an exception. */
  readonly exception?: ExceptionKind;
}

/** A breakpoint that is there. */
export interface Inserted {
  readonly wanted: Wanted;
  /** Its number in gdb. */
  readonly number: string;
  readonly hits: HitCondition | undefined;
  /** The message, where not gdb itself but we have to log it at a stop. */
  readonly logMessage: string | undefined;
  shown: DebugProtocol.Breakpoint;
}

/** gdb takes breakpoints only while the guest stands still. */
async function setBreakpoints<Each extends Conditions>(
  { execution, breakpoints }: Debuggee,
  group: string,
  wanted: readonly Each[],
  where: (breakpoint: Each) => Pick<Wanted, 'where' | 'column'>,
): Promise<{ breakpoints: DebugProtocol.Breakpoint[] }> {
  const set = (): Promise<DebugProtocol.Breakpoint[]> =>
    breakpoints.set(
      group,
      wanted.map((breakpoint) => ({ ...conditionsOf(breakpoint), ...where(breakpoint) })),
    );
  return { breakpoints: await execution.whileStopped(set) };
}

/** The breakpoints that the person set, and their numbers in gdb. */
export class Breakpoints extends EventEmitter<{ changed: [DebugProtocol.Breakpoint]; logged: [string] }> {
  /** By what the editor sets together: those of a source file, those at functions, … */
  private readonly groups = new Map<string, Inserted[]>();
  private readonly logpoints: Logpoints;
  private readonly removed = new Set<string>();
  /** Debug registers of the CPU instead of changed instructions. */
  hardware = false;

  constructor(private readonly gdb: Gdb) {
    super();
    this.logpoints = new Logpoints(gdb, (message) => this.emit('logged', message));
    gdb.on('notify', (name, { bkpt }) => {
      if (name === 'breakpoint-modified') this.moved(tuple(bkpt));
    });
  }

  /** Makes these the breakpoints of a group. Those that are there already stay as they are. */
  async set(group: string, wanted: readonly Wanted[]): Promise<DebugProtocol.Breakpoint[]> {
    const before = this.groups.get(group) ?? [];
    const keys = wanted.map((each) => JSON.stringify(each));
    const isKept = (breakpoint: Inserted): boolean => keys.includes(JSON.stringify(breakpoint.wanted));
    const obsolete = before.filter((breakpoint) => !isKept(breakpoint)).map(({ number }) => number);
    if (obsolete.length > 0) await this.gdb.send('break-delete', obsolete);
    for (const number of obsolete) this.removed.add(number);
    const inserted = before.filter(isKept);
    this.groups.set(group, inserted);
    const shown: DebugProtocol.Breakpoint[] = [];
    for (const [index, each] of wanted.entries()) {
      const found = inserted.find((breakpoint) => JSON.stringify(breakpoint.wanted) === keys[index]);
      shown.push(found?.shown ?? (await this.insert(inserted, each)));
    }
    return shown;
  }

  /** The breakpoint that the guest stopped at; undefined for one that is not the person's. */
  find(number: string): Inserted | undefined {
    return [...this.groups.values()].flat().find((breakpoint) => breakpoint.number === number);
  }

  /** True for one that the person took away: the guest may have come by just before. */
  wasRemoved(number: string): boolean {
    return this.removed.has(number);
  }

  /** True for a breakpoint that the person set at this very place, and not for what passes by there. */
  isPlace(number: string): boolean {
    const breakpoint = this.find(number);
    return breakpoint !== undefined && breakpoint.wanted.exception === undefined;
  }

  /** Counts a stop at a breakpoint, so that gdb passes over the next hits as its condition says. */
  count({ hits, number }: Inserted): void {
    const ignored = hits?.stopped() ?? 0;
    if (ignored > 0) this.gdb.send('break-after', [number, String(ignored)]).catch(() => undefined);
  }

  /** The guest begins again: so do the counts of hits. */
  async restart(): Promise<void> {
    for (const { hits, number } of [...this.groups.values()].flat()) {
      if (hits !== undefined) await this.gdb.send('break-after', [number, String(hits.restart())]);
    }
  }

  /** What a breakpoint says that only logs, with the values of this stop. */
  messageAt(breakpoint: Inserted): Promise<string> | undefined {
    const { logMessage } = breakpoint;
    return logMessage === undefined ? undefined : this.logpoints.interpolate(logMessage);
  }

  /** Inserts one; what gdb refuses is shown as unverified, with the reason. */
  private async insert(inserted: Inserted[], wanted: Wanted): Promise<DebugProtocol.Breakpoint> {
    const hits = wanted.hitCondition ? HitCondition.parse(wanted.hitCondition) : undefined;
    if (wanted.hitCondition && hits === undefined) {
      return { verified: false, message: `"${wanted.hitCondition}" is no hit count: write 5, >5, =5, <5 or %5.` };
    }
    try {
      // gdb counts only hits whose condition is true, and that of a message never is: those that count are logged by us.
      const logs = wanted.logMessage && !hits ? await this.logpoints.condition(wanted.logMessage) : undefined;
      const number = await this.insertInGdb(wanted, logs, hits);
      const breakpoint = { wanted, hits, logMessage: logs ? undefined : wanted.logMessage, ...number };
      inserted.push(breakpoint);
      return breakpoint.shown;
    } catch (error) {
      return { verified: false, message: explain(error) };
    }
  }

  private async insertInGdb(
    { operation = 'break-insert', where, column, condition }: Wanted,
    logs: string | undefined,
    hits: HitCondition | undefined,
  ): Promise<{ number: string; shown: DebugProtocol.Breakpoint }> {
    const hardware = this.hardware && operation === 'break-insert' ? ['-h'] : [];
    const results = await this.gdb.send(operation, [...hardware, ...where]);
    const breakpoint = tuple(results['bkpt'] ?? results['wpt'] ?? results['hw-rwpt'] ?? results['hw-awpt']);
    const number = text(breakpoint['number']);
    try {
      const conditions = [condition ? `(${condition})` : undefined, logs].filter((each) => each !== undefined);
      if (conditions.length > 0) await this.gdb.send('break-condition', [number, conditions.join(' && ')]);
      if (hits) await this.gdb.send('break-after', [number, String(hits.restart())]);
    } catch (error) {
      await this.gdb.send('break-delete', [number]);
      throw error;
    }
    return { number, shown: { ...show(number, breakpoint), ...(column === undefined ? {} : { column }) } };
  }

  /** gdb found another place for it, as when more symbols became known. */
  private moved(breakpoint: MiTuple): void {
    const found = this.find(text(breakpoint['number']));
    if (found === undefined) return;
    const shown = show(found.number, breakpoint);
    if (shown.line === undefined || shown.line === found.shown.line) return;
    found.shown = shown;
    this.emit('changed', shown);
  }
}

/** What a request says about when a breakpoint stops; what it leaves empty says nothing. */
export function conditionsOf({ condition, hitCondition, logMessage }: Conditions): Conditions {
  return {
    ...(condition ? { condition } : {}),
    ...(hitCondition ? { hitCondition } : {}),
    ...(logMessage ? { logMessage } : {}),
  };
}

function show(number: string, breakpoint: MiTuple): DebugProtocol.Breakpoint {
  const place = 'line' in breakpoint ? breakpoint : tuple(list(breakpoint['locations'])[0]);
  const line = Number(text(place['line']));
  const path = text(place['fullname']);
  const address = /^0x[0-9a-f]+$/.exec(text(place['addr']))?.[0];
  return {
    id: Number(number),
    verified: true,
    ...(line > 0 ? { line } : {}),
    ...(path === '' ? {} : { source: { path } }),
    ...(address === undefined ? {} : { instructionReference: address }),
  };
}

/** gdb's reason in the person's words: what is not in the image was not compiled, or left out because nothing needs it. */
function explain(error: unknown): string {
  const what = error instanceof UnikernelError ? error.what : messageOf(error);
  if (/No source file named|No line \d+ in|Function ".*" not defined|No line X in/.test(what)) {
    return `${what.replace(/\.$/, '')}: it is not part of the program, or was left out of the image because nothing calls it.`;
  }
  return what;
}
