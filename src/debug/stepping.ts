import type { DebugProtocol } from '@vscode/debugprotocol';
import { list, text, tuple } from '../gdb/mi/record';
import type { Debuggee } from './debuggee';
import type { Handlers } from './requests';
import { frameOf, frameWords } from './stack';

/** The requests that let the guest run, or stop it. */
export const steppingHandlers = {
  continue: async (debuggee) => {
    await go(debuggee, 'continue');
    return { allThreadsContinued: true };
  },
  next: (debuggee, { granularity, threadId }) =>
    go(debuggee, granularity === 'instruction' ? 'next-instruction' : 'next', threadId),
  stepIn: async (debuggee, { granularity, threadId, targetId }) => {
    if (targetId !== undefined) return stepInto(debuggee, threadId, targetId);
    return go(debuggee, granularity === 'instruction' ? 'step-instruction' : 'step', threadId);
  },
  stepInTargets: async (debuggee, { frameId }) => ({ targets: await callsOfLine(debuggee, frameId) }),
  stepOut: (debuggee, { threadId }) => go(debuggee, 'finish', threadId),
  pause: async ({ execution }, _, signal) => {
    await execution.pause(signal);
    return undefined;
  },
} satisfies Handlers;

async function go(debuggee: Debuggee, how: string, thread?: number): Promise<undefined> {
  if (thread !== undefined) debuggee.threads.checkRuns(thread);
  await debuggee.execution.go(how, thread === undefined ? [] : ['--thread', String(thread)]);
  return undefined;
}

/** The functions that what is left of a frame's line calls by name. */
async function callsOfLine({ gdb, stepTargets }: Debuggee, frameId: number): Promise<DebugProtocol.StepInTarget[]> {
  const { frame } = await gdb.send('stack-info-frame', frameWords(frameOf(frameId)));
  const { addr, line } = tuple(frame);
  // Mode 5: by address, each instruction with its line (gdb manual, "GDB/MI Data Manipulation").
  const { asm_insns: lines } = await gdb.send('data-disassemble', ['-a', text(addr), '--', '5']);
  const calls = list(lines)
    .map(tuple)
    .filter((each) => text(each['line']) === text(line))
    .flatMap((each) => list(each['line_asm_insn']).map(tuple))
    .filter(({ address }) => BigInt(text(address)) >= BigInt(text(addr)))
    .flatMap(({ inst }) => /^(?:call\w*|bl)\s+0x[0-9a-f]+ <([^+>]+)>$/.exec(text(inst))?.[1] ?? []);
  stepTargets.splice(0, stepTargets.length, ...new Set(calls));
  return stepTargets.map((label, id) => ({ id, label }));
}

/** Steps over the line, unless the function is called on the way: a breakpoint there for this one step. */
async function stepInto(debuggee: Debuggee, thread: number, target: number): Promise<undefined> {
  const { gdb, execution, stepTargets } = debuggee;
  const { bkpt } = await gdb.send('break-insert', ['-t', '--function', stepTargets[target] ?? '']);
  execution.once('stopped', () => {
    // It is gone already where it was the reason of the stop.
    gdb.send('break-delete', [text(tuple(bkpt)['number'])]).catch(() => undefined);
  });
  return go(debuggee, 'next', thread);
}
