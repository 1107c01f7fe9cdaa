import type { Debuggee } from './debuggee';
import type { Handlers } from './requests';

/** The requests that let the guest run, or stop it. */
export const steppingHandlers = {
  continue: async (debuggee) => {
    await go(debuggee, 'continue');
    return { allThreadsContinued: true };
  },
  next: (debuggee, { granularity, threadId }) =>
    go(debuggee, granularity === 'instruction' ? 'next-instruction' : 'next', threadId),
  stepIn: (debuggee, { granularity, threadId }) =>
    go(debuggee, granularity === 'instruction' ? 'step-instruction' : 'step', threadId),
  stepOut: (debuggee, { threadId }) => go(debuggee, 'finish', threadId),
  pause: async ({ execution }) => {
    await execution.pause();
    return undefined;
  },
} satisfies Handlers;

async function go(debuggee: Debuggee, how: string, thread?: number): Promise<undefined> {
  const going = debuggee.execution.go(how, thread === undefined ? [] : ['--thread', String(thread)]);
  // What was shown of the guest is no longer true; gdb forgets it while the guest runs.
  debuggee.forget();
  await going;
  return undefined;
}
