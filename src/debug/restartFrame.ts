// Calls the function of a frame again: its caller's registers are what gdb unwinds, and the arguments what they are now.
import { StoppedEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { messageOf } from '../errors';
import { consoleOutput } from '../gdb/console';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple } from '../gdb/mi/record';
import type { Architecture } from '../targets';
import { hexadecimal } from './addresses';
import type { Debuggee } from './debuggee';
import { cannotRestart } from './errors';
import { decodeWithGdb } from './instructions';
import type { Handlers } from './requests';
import { frameOf, frameWords, type FrameReference } from './stack';

/** The request to begin a function again. */
export const restartFrameHandlers = {
  restartFrame: async (debuggee, { frameId }) => {
    const frame = frameOf(frameId);
    debuggee.threads.checkRuns(frame.thread);
    await debuggee.execution.whileStopped(() => restart(debuggee, frame), 'restart of a frame');
    debuggee.forget();
    // After the answer, as the protocol wants it.
    setImmediate(() => {
      const stopped: DebugProtocol.StoppedEvent = new StoppedEvent('restart', frame.thread);
      stopped.body.allThreadsStopped = true;
      debuggee.emit('event', stopped);
      debuggee.askAhead(frame.thread);
    });
    return undefined;
  },
} satisfies Handlers;

/** What a call leaves as it was, and where integers and pointers are passed: System V ABI for x86-64, 3.2; AAPCS64, 6. */
const conventions: Readonly<Record<Architecture, { preserved: readonly string[]; passed: readonly string[] }>> = {
  x86_64: {
    preserved: ['rbx', 'rbp', 'r12', 'r13', 'r14', 'r15'],
    passed: ['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9'],
  },
  aarch64: {
    preserved: Array.from({ length: 11 }, (_, index) => `x${index + 19}`),
    passed: Array.from({ length: 8 }, (_, index) => `x${index}`),
  },
};

/** Writes the registers only when all of them are known; throws `debug.cannotRestart`. */
async function restart({ gdb, architecture }: Debuggee, frame: FrameReference): Promise<void> {
  const { thread, level } = frame;
  const words = ['--thread', String(thread), '0', String(level + 1)];
  const { stack: unwound } = await gdb.send('stack-list-frames', words);
  const frames = list(unwound).map(tuple);
  const [own, caller] = [frames[level], frames[level + 1]];
  if (own === undefined || caller === undefined) throw cannotRestart('its caller is not known');
  // An exception has changed more of the CPU than its registers.
  if (frames.some(({ func }) => text(func) === '<signal handler called>'))
    throw cannotRestart('the CPU is in an exception that came after it');
  const entry = await entryOf(gdb, own);
  const { preserved, passed } = conventions[architecture];
  const callers = { thread, level: level + 1 };
  const values = new Map<string, bigint>();
  for (const register of preserved) values.set(register, await number(gdb, `$${register}`, callers));
  for (const [register, value] of await argumentsOf(gdb, frame, text(own['func']), passed)) values.set(register, value);
  const stack = await number(gdb, '$sp', callers);
  // The return address is in memory there, and in a register here.
  if (architecture === 'aarch64') values.set('x30', await number(gdb, '$pc', callers));
  values.set('sp', architecture === 'x86_64' ? stack - 8n : stack);
  values.set('pc', entry);
  const innermost = frameWords({ thread, level: 0 });
  for (const [register, value] of values)
    await gdb.send('data-evaluate-expression', [...innermost, `$${register}=${hexadecimal(value)}`]);
}

/** Where the function of a frame begins. */
async function entryOf(gdb: Gdb, { addr, func }: MiTuple): Promise<bigint> {
  const address = BigInt(text(addr));
  const [instruction] = await decodeWithGdb(gdb)(address, address + 1n);
  const symbol = instruction?.symbol;
  // One that is inlined, or a part of a function that was moved away from it, is called by nobody.
  if (symbol?.name !== text(func)) throw cannotRestart('it is not a function of its own');
  return address - symbol.offset;
}

/** The registers that hold a function's arguments when it is called, with their values. */
async function argumentsOf(
  gdb: Gdb,
  frame: FrameReference,
  name: string,
  registers: readonly string[],
): Promise<[string, bigint][]> {
  const place = frameWords(frame);
  const { variables } = await gdb.send('stack-list-variables', [...place, '--no-values']);
  const names = list(variables)
    .map(tuple)
    .filter(({ arg }) => text(arg) === '1')
    .map((each) => text(each['name']));
  // A structure is returned through a pointer that the caller passes besides.
  for (const each of [...names, name]) {
    const type = await consoleOutput(gdb, `ptype ${each}`, place);
    if (!isPassedAlone(type.replace(/ \(.*\)$/s, ''), each === name))
      throw cannotRestart(
        `what gdb says of ${each} is "${type.replaceAll(/\s+/g, ' ')}", which is passed in other ways`,
      );
  }
  return Promise.all(
    names
      .slice(0, registers.length)
      .map(async (each, index): Promise<[string, bigint]> => [registers[index] ?? '', await number(gdb, each, frame)]),
  );
}

/** True for what takes one general register: integers, enumerations, pointers and references. */
function isPassedAlone(type: string, isReturned: boolean): boolean {
  if (/[*&]( const| volatile)*$/.test(type)) return true;
  if (/(float|double|__int128|_Complex)\b/.test(type)) return isReturned;
  return /^type = (const |volatile )*(enum|unsigned|signed|char|short|int|long|_Bool|bool|wchar_t|void)\b/.test(type);
}

async function number(gdb: Gdb, expression: string, frame: FrameReference): Promise<bigint> {
  const { value } = await gdb
    .send('data-evaluate-expression', [...frameWords(frame), `(unsigned long)(${expression})`])
    .catch((error: unknown) => {
      throw cannotRestart(messageOf(error));
    });
  const digits = /^\d+$/.exec(text(value))?.[0];
  if (digits === undefined) throw cannotRestart(`${expression} is ${text(value)}`);
  return BigInt(digits);
}
