import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { text, tuple, type MiTuple } from '../gdb/mi/record';
import type { Wanted } from './breakpoints';
import { crashReporter, readCrash } from './crash';
import type { Debuggee } from './debuggee';
import { noException } from './errors';
import type { Handlers } from './requests';

/** What can go wrong in a guest so that it stops there. */
export type ExceptionKind = 'fault' | 'abort' | 'systemCall';

/** The kinds of exceptions, as the editor offers them. */
export const exceptionFilters: readonly (DebugProtocol.ExceptionBreakpointsFilter & { filter: ExceptionKind })[] = [
  { filter: 'fault', label: 'CPU Faults', description: 'Stops where the processor could not go on.', default: true },
  { filter: 'abort', label: 'Panics and Aborts', description: 'Stops where the program gives up.', default: true },
  {
    filter: 'systemCall',
    label: 'Unhandled System Calls',
    description: 'Stops where the program asks for what its library OS does not have, and is answered ENOSYS.',
    default: false,
  },
];

const sigabrt = 6;

/** Where our library OS comes by (libos/kernel/crash.c, libos/arch/.../traps.S). */
const ourPlaces: Record<ExceptionKind, Wanted> = {
  fault: { exception: 'fault', where: ['--function', crashReporter], condition: `signal != ${sigabrt}` },
  abort: { exception: 'abort', where: ['--function', crashReporter], condition: `signal == ${sigabrt}` },
  systemCall: { exception: 'systemCall', where: ['*&libos_unhandled_call'] },
};

/** Where other kernels give up, by the names that are usual for it. */
const otherPlaces: readonly Wanted[] = ['panic', 'abort', '__assert_fail', '__stack_chk_fail', 'rust_begin_unwind'].map(
  (name) => ({ exception: 'abort', where: ['--function', name] }),
);

/** The requests about exceptions. */
export const exceptionHandlers = {
  setExceptionBreakpoints: async (debuggee, { filters }) => {
    const { execution } = debuggee;
    debuggee.hasFilters = true;
    return { breakpoints: await execution.whileStopped(() => setFilters(debuggee, filters)) };
  },
  exceptionInfo: (debuggee) => {
    const { exception } = debuggee;
    if (exception === undefined) throw noException();
    return {
      exceptionId: exception.signal ?? exception.kind,
      description: exception.cause,
      breakMode: 'always' as const,
    };
  },
} satisfies Handlers;

/** The editor that lets a person choose does so before the guest runs; for others it is as the filters are by themselves. */
export async function setDefaultFilters(debuggee: Debuggee): Promise<void> {
  if (debuggee.hasFilters) return;
  const wanted = exceptionFilters.filter((filter) => filter.default === true).map(({ filter }) => filter);
  await setFilters(debuggee, wanted);
}

async function setFilters(
  { gdb, breakpoints }: Debuggee,
  wanted: readonly string[],
): Promise<DebugProtocol.Breakpoint[]> {
  const isOurs = await hasFunction(gdb, crashReporter);
  const shown: DebugProtocol.Breakpoint[] = [];
  for (const { filter, label } of exceptionFilters) {
    const places = isOurs ? [ourPlaces[filter]] : filter === 'abort' ? otherPlaces : [];
    const set = await breakpoints.set(`exception ${filter}`, wanted.includes(filter) ? places : []);
    if (!wanted.includes(filter)) continue;
    const message = `${label}: the image has no function by which they could be told.`;
    shown.push(set.some(({ verified }) => verified) ? { verified: true } : { verified: false, message });
  }
  return shown;
}

function hasFunction(gdb: Gdb, name: string): Promise<boolean> {
  return gdb.send('data-evaluate-expression', [`&${name}`]).then(
    () => true,
    () => false,
  );
}

/** What went wrong at a stop. */
export interface Exception {
  readonly kind: ExceptionKind;
  /** In words. */
  readonly cause: string;
  /** What Linux would send, where it would end the program. */
  readonly signal?: string;
}

/** Reads what went wrong at a stop where an exception passes by. */
export async function readException(gdb: Gdb, kind: ExceptionKind, stop: MiTuple): Promise<Exception> {
  const thread = text(stop['thread-id']);
  const { func: place } = tuple(stop['frame']);
  if (text(place) === crashReporter) return { kind, ...(await readCrash(gdb, stop)) };
  if (kind !== 'systemCall') return { kind, cause: `${text(place)} was called` };
  // In the frame of who called: the handler's address has taken the register's place in ours.
  const value = async (register: string): Promise<string> => {
    const words = ['--thread', thread, '--frame', '1', `(long) ${register}`];
    const answer = await gdb.send('data-evaluate-expression', words).catch(() => undefined);
    return answer === undefined ? '' : text(answer['value']);
  };
  return { kind, cause: `unhandled system call ${(await value('$x8')) || (await value('$rax'))}` };
}
