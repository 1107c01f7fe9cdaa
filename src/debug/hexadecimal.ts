import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { text } from '../gdb/mi/record';
import { forPeople, previewExpression, previewLimit } from './format';
import { frameWords, type FrameReference } from './stack';

/** Makes gdb print numbers in hexadecimal in answer to what the action sends before it first waits, and only there. */
export function printingHexadecimal<Result>(gdb: Gdb, action: () => Result): Result {
  gdb.send('gdb-set', ['output-radix', '16']).catch(() => undefined);
  try {
    return action();
  } finally {
    gdb.send('gdb-set', ['output-radix', '10']).catch(() => undefined);
  }
}

/** The same variables with their numbers in hexadecimal. */
export function inHexadecimal(
  gdb: Gdb,
  variables: readonly DebugProtocol.Variable[],
  frame: FrameReference | undefined,
): Promise<DebugProtocol.Variable[]> {
  const words = frame === undefined ? [] : frameWords(frame);
  const ask = async (variable: DebugProtocol.Variable): Promise<DebugProtocol.Variable> => {
    const { evaluateName, type = '', value } = variable;
    if (!/^(-?\d|\{)/.test(value)) return variable;
    // What only a pretty printer reaches has no expression.
    if (evaluateName === undefined) {
      return { ...variable, value: value.replace(/^\d+/, (digits) => `0x${BigInt(digits).toString(16)}`) };
    }
    const answer = await gdb
      .send('data-evaluate-expression', [...words, previewExpression(evaluateName, type)])
      .catch(() => undefined);
    return answer === undefined ? variable : { ...variable, value: forPeople(text(answer['value']), previewLimit) };
  };
  return printingHexadecimal(gdb, () => Promise.all(variables.map(ask)));
}
