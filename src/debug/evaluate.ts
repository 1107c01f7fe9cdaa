import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { hasSideEffects } from './errors';
import type { Handlers } from './requests';
import { frameOf, type FrameReference } from './stack';
import type { Variables } from './variables';

/** The request to evaluate an expression. */
export const evaluateHandlers = {
  evaluate: async (debuggee, args) => {
    const { gdb, variables, execution } = debuggee;
    const frame = args.frameId === undefined ? undefined : frameOf(args.frameId);
    try {
      return await execution.whileStopped(() => evaluate(gdb, variables, args, frame));
    } finally {
      if (args.context === 'repl' || mayChangeTheGuest(args.expression)) debuggee.forgetAhead();
    }
  },
} satisfies Handlers;

/** Evaluates what the person typed, watches, or points at. In the console, `>` before it makes it a command of gdb's. */
export async function evaluate(
  gdb: Gdb,
  variables: Variables,
  { expression, context }: { readonly expression: string; readonly context?: string | undefined },
  frame: FrameReference | undefined,
): Promise<DebugProtocol.EvaluateResponse['body']> {
  if (context === 'repl' && expression.trimStart().startsWith('>')) {
    return { result: await runGdbCommand(gdb, expression.trimStart().slice(1).trim()), variablesReference: 0 };
  }
  if (context === 'hover' && mayChangeTheGuest(expression)) throw hasSideEffects(expression);
  const variable = await variables.evaluate(expression, frame);
  return {
    result: variable.value,
    variablesReference: variable.variablesReference,
    ...(variable.type === undefined ? {} : { type: variable.type }),
    ...(variable.memoryReference === undefined ? {} : { memoryReference: variable.memoryReference }),
  };
}

/** True for calls, assignments, increments and decrements. */
export function mayChangeTheGuest(expression: string): boolean {
  return /[\w)\]]\s*\(|\+\+|--|(?<![=!<>])=(?!=)|(<<|>>)=/.test(expression);
}

/** Without `&`, gdb hears nothing, not even an interrupt, until the guest stops again. */
function inBackground(command: string): string {
  return running.test(command) && !command.endsWith('&') ? `${command} &` : command;
}

/** The commands that let the guest run, and their short forms (gdb manual, "Continuing and Stepping"). */
const running =
  /^(reverse-\w+|continue|cont|c|fg|next|n|step|s|nexti|ni|stepi|si|finish|fin|until|u|advance|jump|j|rc|rn|rs|rni|rsi)(\s|$)/;

async function runGdbCommand(gdb: Gdb, command: string): Promise<string> {
  let printed = '';
  const collect = (output: string): void => {
    printed += output;
  };
  gdb.on('output', collect);
  try {
    await gdb.send('interpreter-exec', ['console', inBackground(command)]);
  } finally {
    gdb.off('output', collect);
  }
  return printed.trimEnd();
}
