import assert from 'node:assert/strict';
import type { Context } from 'mocha';
import { callsFound, callsMade, traceInto, whyNoTrace } from '../strace';

/**
 * Has the program run on this computer, behind the words of a command that traces it, and fails where it makes a call that discovery does
 * not find in it.
 */
export async function checkCalls(
  context: Context,
  program: string,
  run: (before: readonly string[]) => Promise<unknown>,
): Promise<void> {
  const reason = await whyNoTrace();
  if (reason !== undefined) {
    console.log(`skipped: ${reason}`);
    context.skip();
  }
  const log = `${program}.calls`;
  await run(traceInto(log));
  const [made, found] = [await callsMade(log), await callsFound(program)];
  assert.ok(made.size > 5, [...made].join(' '));
  assert.deepEqual(
    [...made].filter((name) => !found.has(name)),
    [],
  );
}
