import { isCancelled, messageOf, UnikernelError } from '../errors';
import type { Progress } from '../progress';
import type { Problem } from '../project/project';

/** Progress as a terminal shows it: one line that is overwritten; elsewhere a plain line for each new step. */
export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Progress & { done(): void } {
  let last = '';
  const show: Progress = ({ message, fraction }) => {
    const percent = fraction === undefined ? '' : ` ${Math.round(fraction * 100)}%`;
    const line = stream.isTTY ? `${message}${percent}` : message;
    if (line === last) return;
    last = line;
    stream.write(stream.isTTY ? `\r\x1b[K${line.slice(0, stream.columns - 1)}` : `${line}\n`);
  };
  return Object.assign(show, {
    done() {
      if (stream.isTTY && last !== '') stream.write('\r\x1b[K');
      last = '';
    },
  });
}

/** An AbortSignal that Ctrl+C and SIGTERM abort, and the end of who reads what is printed; a second Ctrl+C ends the program at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  // Each further line fails too.
  process.stdout.on('error', () => {
    controller.abort();
  });
  return controller.signal;
}

/** A problem as compilers print it, which editors and terminals make clickable. */
export function formatProblem(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.severity}: ${problem.message}`;
}

/** Prints an error for a person (or as JSON) and gives the exit code for it: 130 when cancelled, else 1. */
export function reportError(error: unknown, json: boolean): number {
  if (isCancelled(error)) {
    console.error('Cancelled.');
    return 130;
  }
  if (json) {
    const known = error instanceof UnikernelError;
    const value = known
      ? { code: error.code, what: error.what, why: error.why, remedy: error.remedy.text }
      : { code: 'internal', what: messageOf(error), why: '', remedy: '' };
    console.log(JSON.stringify({ error: value }, null, 2));
  } else if (error instanceof UnikernelError) {
    console.error(`error: ${error.what}`);
    for (const text of [error.why, error.remedy.text])
      if (text !== '') console.error(`  ${text.replaceAll('\n', '\n  ')}`);
  } else {
    console.error(error);
  }
  return 1;
}
