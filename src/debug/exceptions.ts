import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple } from '../gdb/mi/record';
import type { Wanted } from './breakpoints';
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
const ourPlaces: Record<ExceptionKind, readonly Wanted[]> = {
  fault: [
    { exception: 'fault', where: ['--function', 'libos_crash'], condition: `signal != ${sigabrt}` },
    { exception: 'fault', where: ['--function', 'libos_crash_at'] },
  ],
  abort: [{ exception: 'abort', where: ['--function', 'libos_crash'], condition: `signal == ${sigabrt}` }],
  systemCall: [{ exception: 'systemCall', where: ['*&libos_unhandled_call'] }],
};

/** Where other kernels give up, by the names that are usual for it. */
const otherPlaces: readonly Wanted[] = ['panic', 'abort', '__assert_fail', '__stack_chk_fail', 'rust_begin_unwind'].map(
  (name) => ({ exception: 'abort', where: ['--function', name] }),
);

/** The requests about exceptions. */
export const exceptionHandlers = {
  setExceptionBreakpoints: async (debuggee, { filters }) => {
    const { execution } = debuggee;
    return { breakpoints: await execution.whileStopped(() => setFilters(debuggee, filters)) };
  },
  exceptionInfo: (debuggee) => {
    const { exception } = debuggee;
    if (exception === undefined) throw noException();
    return { exceptionId: exception.kind, description: exception.cause, breakMode: 'always' as const };
  },
} satisfies Handlers;

async function setFilters(
  { gdb, breakpoints }: Debuggee,
  wanted: readonly string[],
): Promise<DebugProtocol.Breakpoint[]> {
  const isOurs = await hasFunction(gdb, 'libos_crash');
  const shown: DebugProtocol.Breakpoint[] = [];
  for (const { filter, label } of exceptionFilters) {
    const places = isOurs ? ourPlaces[filter] : filter === 'abort' ? otherPlaces : [];
    const set = await breakpoints.set(`exception ${filter}`, wanted.includes(filter) ? places : []);
    if (!wanted.includes(filter)) continue;
    const message = `${label}: the image has no function by which they could be told.`;
    shown.push(set.some(({ verified }) => verified) ? { verified: true } : { verified: false, message });
  }
  return shown;
}

async function hasFunction(gdb: Gdb, name: string): Promise<boolean> {
  const { symbols } = await gdb.send('symbol-info-functions', ['--name', `^${name}$`]);
  return list(tuple(symbols)['debug']).length > 0;
}

/** What went wrong at a stop where an exception passes by, in words. */
export async function describeException(gdb: Gdb, kind: ExceptionKind, thread: number): Promise<string> {
  const value = async (expression: string, level: number): Promise<string> => {
    const words = ['--thread', String(thread), '--frame', String(level), expression];
    const answer = await gdb.send('data-evaluate-expression', words).catch(() => undefined);
    return answer === undefined ? '' : text(answer['value']);
  };
  if (kind === 'systemCall') {
    // In the frame of who called: the handler's address has taken the register's place in ours.
    const [x8, rax] = [await value('(long) $x8', 1), await value('(long) $rax', 1)];
    return `unhandled system call ${x8 || rax}`;
  }
  const reason = /"(.*)"/.exec(await value('reason', 0))?.[1];
  if (reason !== undefined) return `${reason}${/0x[0-9a-f]+/.exec(await value('(void *) address', 0))?.[0] ?? ''}`;
  const { frame } = await gdb.send('stack-info-frame', ['--thread', String(thread), '--frame', '0']);
  return `${text(tuple(frame)['func'])} was called`;
}
