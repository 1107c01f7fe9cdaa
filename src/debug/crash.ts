import { constants } from 'node:os';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple } from '../gdb/mi/record';

/** Where the library OS begins to report a crash (libos/kernel/crash.c): the program's stack is still whole there. */
export const crashReporter = 'libos_report_crash';

/** Why a program of the library OS was ended. */
export interface CrashCause {
  /** The signal that Linux would send, such as `SIGSEGV`. */
  readonly signal: string;
  /** In words, such as `page fault: write of 0x8`. */
  readonly cause: string;
}

/** Reads why the guest crashed, at the stop in the function that reports it. */
export async function readCrash(gdb: Gdb, stop: MiTuple): Promise<CrashCause> {
  const { args } = tuple(stop['frame']);
  const given = new Map(list(args).map((argument) => [text(tuple(argument)['name']), text(tuple(argument)['value'])]));
  const number = Number(given.get('signal'));
  const signal = Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
  const hasAddress = given.get('address') !== '0x0';
  const address = hasAddress ? await gdb.send('data-evaluate-expression', ['(void *)*address']) : {};
  const cause = `${quoted(given.get('reason'))}${text(address['value'])}${quoted(given.get('hint'))}`;
  return { signal, cause };
}

/** The instruction that faulted, at the stop in the function that reports it: whose frame is outside that of the exception. */
export async function faultPlace(gdb: Gdb): Promise<string | undefined> {
  const frames = list((await gdb.send('stack-list-frames', ['0', '8']))['stack']).map(tuple);
  const exception = frames.findIndex(({ func }) => text(func) === '<signal handler called>');
  return text(frames[exception + 1]?.['addr']);
}

/** A string's value is its address, and then itself in quotes. */
function quoted(value = ''): string {
  return /"(.*)"/.exec(value)?.[1] ?? '';
}
