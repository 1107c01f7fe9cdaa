import type { DebugProtocol } from '@vscode/debugprotocol';
import { consoleOutput } from '../gdb/console';
import type { Gdb } from '../gdb/gdb';
import { text } from '../gdb/mi/record';
import { hasSideEffects } from './errors';
import { forPeople, isUnshown, previewLimit, withoutFormat } from './format';
import { printingHexadecimal } from './hexadecimal';
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
  args: Pick<DebugProtocol.EvaluateArguments, 'expression' | 'context' | 'format'>,
  frame: FrameReference | undefined,
): Promise<DebugProtocol.EvaluateResponse['body']> {
  const { context } = args;
  const { expression, hex } = withoutFormat(args.expression);
  const isHexadecimal = hex || args.format?.hex === true;
  const command = context === 'repl' ? /^\s*>\s*(.*)$/s.exec(args.expression)?.[1] : undefined;
  if (command !== undefined)
    return { result: await consoleOutput(gdb, inBackground(command.trim())), variablesReference: 0 };
  const mayChange = mayChangeTheGuest(expression);
  if (context === 'hover' && mayChange) throw hasSideEffects(expression);
  if (context === 'clipboard')
    return { result: await wholeValue(gdb, variables, expression, frame), variablesReference: 0 };
  const { values } = variables;
  const create = () => values.create(expression, frame);
  const created = await (isHexadecimal ? printingHexadecimal(gdb, create) : create());
  // What may change the guest is evaluated once only.
  const preview = () => values.preview(mayChange ? { ...created, expression: undefined } : created);
  const complete = !isUnshown(created.value)
    ? created
    : await (isHexadecimal ? printingHexadecimal(gdb, preview) : preview());
  const shown = values.show(complete, 0, context === 'repl' ? Number.POSITIVE_INFINITY : previewLimit);
  const { type, variablesReference, indexedVariables, memoryReference } = shown;
  return {
    result: shown.value,
    variablesReference,
    ...(type === undefined ? {} : { type }),
    ...(indexedVariables === undefined ? {} : { indexedVariables }),
    ...(memoryReference === undefined ? {} : { memoryReference }),
  };
}

/** True for calls, assignments, increments and decrements. */
export function mayChangeTheGuest(expression: string): boolean {
  return /[\w)\]]\s*\(|\+\+|--|(?<![=!<>])=(?!=)|(<<|>>)=/.test(expression);
}

/** All elements of arrays and all characters of strings, which gdb otherwise prints only the first of. */
async function wholeValue(
  gdb: Gdb,
  { values }: Variables,
  expression: string,
  frame: FrameReference | undefined,
): Promise<string> {
  const settings = [['print', 'elements'], ['print', 'repeats'], ['max-value-size']];
  const before = await Promise.all(settings.map((setting) => gdb.send('gdb-show', setting)));
  for (const setting of settings) gdb.send('gdb-set', [...setting, 'unlimited']).catch(() => undefined);
  const evaluated = values.evaluate(expression, frame);
  settings.forEach((setting, index) => {
    gdb.send('gdb-set', [...setting, text(before[index]?.['value'])]).catch(() => undefined);
  });
  return forPeople(await evaluated);
}

/** Without `&`, gdb hears nothing, not even an interrupt, until the guest stops again. */
function inBackground(command: string): string {
  return running.test(command) && !command.endsWith('&') ? `${command} &` : command;
}

/** The commands that let the guest run, and their short forms (gdb manual, "Continuing and Stepping"). */
const running =
  /^(reverse-\w+|continue|cont|c|fg|next|n|step|s|nexti|ni|stepi|si|finish|fin|until|u|advance|jump|j|rc|rn|rs|rni|rsi)(\s|$)/;
