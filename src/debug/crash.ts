import type { DebugProtocol } from '@vscode/debugprotocol';
import { constants } from 'node:os';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple } from '../gdb/mi/record';
import { noException } from './errors';
import type { Handlers } from './requests';

/** The request that asks for more about a crash. */
export const crashHandlers = {
  exceptionInfo: ({ crashes }) => {
    const { last } = crashes;
    if (last === undefined) throw noException();
    return {
      exceptionId: last.signal,
      description: last.cause,
      breakMode: 'unhandled',
      details: { typeName: last.signal, message: last.cause },
    };
  },
} satisfies Handlers;

/** Why a program of the library OS was ended. */
export interface CrashCause {
  /** The signal that Linux would send, such as `SIGSEGV`. */
  readonly signal: string;
  /** In words, such as `page fault: write of 0x8`. */
  readonly cause: string;
}

/** Where the library OS begins to report a crash (libos/kernel/crash.c): the program's stack is still whole there. */
const reporter = 'libos_report_crash';

/** Stops the guest where it crashes, before it has said so and ended. */
export class Crashes {
  private breakpoint: string | undefined;
  /** The crash that the guest stands at. */
  last: CrashCause | undefined;

  constructor(private readonly gdb: Gdb) {}

  /** From now on a crash is a stop, or not. The guest must stand still; one without our library OS has no such stops. */
  async stopAtCrashes(wanted: boolean): Promise<void> {
    const { breakpoint } = this;
    if (wanted === (breakpoint !== undefined)) return;
    if (breakpoint === undefined) {
      const none: MiTuple = {};
      const { bkpt } = await this.gdb.send('break-insert', ['--function', reporter]).catch(() => none);
      this.breakpoint = text(tuple(bkpt)['number']) || undefined;
    } else {
      await this.gdb.send('break-delete', [breakpoint]);
      this.breakpoint = undefined;
    }
  }

  /** True for the stop at a crash. */
  isCrash(stop: MiTuple): boolean {
    return this.breakpoint !== undefined && text(stop['bkptno']) === this.breakpoint;
  }

  /** Reads why, at the stop at a crash, and keeps it for who asks later. */
  async read(stop: MiTuple): Promise<CrashCause> {
    const { args } = tuple(stop['frame']);
    const given = new Map(
      list(args).map((argument) => [text(tuple(argument)['name']), text(tuple(argument)['value'])]),
    );
    const number = Number(given.get('signal'));
    const signal = Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
    const hasAddress = given.get('address') !== '0x0';
    const address = hasAddress ? await this.gdb.send('data-evaluate-expression', ['(void *)*address']) : {};
    const cause = `${quoted(given.get('reason'))}${text(address['value'])}${quoted(given.get('hint'))}`;
    this.last = { signal, cause };
    return this.last;
  }

  /** The instruction that crashed, at the stop at a crash; undefined for a program that ended itself. */
  async place(): Promise<string | undefined> {
    if (this.last === undefined || this.last.signal === 'SIGABRT') return undefined;
    const frames = list((await this.gdb.send('stack-list-frames', ['0', '8']))['stack']).map(tuple);
    return text(frames[faultLevel(frames.map(({ func }) => text(func)))]?.['addr']);
  }

  /** The guest goes on. */
  forget(): void {
    this.last = undefined;
  }
}

/** A string's value is its address, and then itself in quotes. */
function quoted(value = ''): string {
  return /"(.*)"/.exec(value)?.[1] ?? '';
}

/** An editor shows first the frame that crashed, not those that report it and end; `frames` are the innermost. */
export function deemphasiseReport(frames: readonly DebugProtocol.StackFrame[]): DebugProtocol.StackFrame[] {
  const functions = frames.map(({ name }) => name);
  const inner = functions.includes(reporter) ? faultLevel(functions) : 0;
  return frames.map((frame, level) =>
    level >= inner || frame.source === undefined
      ? frame
      : { ...frame, source: { ...frame.source, presentationHint: 'deemphasize' } },
  );
}

/** The level of the frame that an exception or a system call interrupted, by the functions' names from the innermost on. */
function faultLevel(functions: readonly string[]): number {
  return functions.indexOf('<signal handler called>') + 1;
}
