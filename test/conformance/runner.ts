import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { bootArtifact } from '../../src/boot';
import type { Artifact } from '../../src/build/artifact';
import type { Target } from '../../src/targets';

interface Running {
  /** Its exit status, 128 + n after a signal n. */
  readonly ended: Promise<number>;
  readonly stop: () => void;
}

/** Starts the program from that case on, and hands on what it prints. */
export type Start = (firstCase: string, onOutput: (data: Buffer) => void) => Running | Promise<Running>;

/** No case sleeps for that many milliseconds, even on a busy machine. */
const patience = 20_000;

/** A case that prints without an end hangs, too: after that many pieces of output nothing counts as progress. */
const mostPieces = 20_000;

/** Runs every case, and goes on behind one that ends the program or hangs. Returns what each case printed. */
export async function runCases(names: readonly string[], start: Start): Promise<Map<string, string>> {
  const results = new Map<string, string>();
  for (let first = names[0]; first !== undefined; first = names.find((name) => !results.has(name))) {
    const { output, end } = await runFrom(first, start);
    for (const [, name = '', text = '', complete] of output.matchAll(/^== (\w+)\n([^]*?)(?:^(-- \1)\n|(?![^]))/gm))
      results.set(name, complete === undefined ? cutReport(text) + end : text);
    if (!results.has(first)) results.set(first, `did not begin: ${output}${end}`);
  }
  return results;
}

/** Where a guest ends as a process does by a signal, it prints a report. */
function cutReport(text: string): string {
  return text.replace(/\n\*\*\* unikernel (?:crash|ended)[^]*/, '');
}

async function runFrom(first: string, start: Start): Promise<{ output: string; end: string }> {
  const output: Buffer[] = [];
  const watch: { hangs: boolean; timer?: NodeJS.Timeout } = { hangs: false };
  const { ended, stop } = await start(first, (data) => {
    output.push(data);
    if (output.length < mostPieces) watch.timer?.refresh();
  });
  watch.timer = setTimeout(() => {
    watch.hangs = true;
    stop();
  }, patience);
  const status = await ended;
  clearTimeout(watch.timer);
  const text = Buffer.concat(output).toString().replaceAll('\r\n', '\n');
  return { output: text, end: watch.hangs ? '(hangs)\n' : `(ends with status ${status})\n` };
}

/** The program as a process of this computer. */
export function startNatively(program: string): Start {
  return (firstCase, onOutput) => {
    // Leader of its session, which need not be one of this container's: getsid(2) would be 0.
    const child = spawn(program, [firstCase], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    child.stdout.on('data', onOutput);
    const ended = new Promise<number>((done) => {
      child.on('close', (status, signal) => {
        done(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
    return { ended, stop: () => child.kill('SIGKILL') };
  };
}

/** The program as a unikernel. */
export function startGuest(artifact: Artifact, target: Target, folder: string): Start {
  return async (firstCase, onOutput) => {
    const signal = new AbortController().signal;
    const guest = await bootArtifact(artifact, target, { kernelArguments: [firstCase], folder, signal });
    guest.console.subscribe(onOutput);
    return { ended: guest.ended.then(({ status }) => status), stop: () => void guest.powerOff() };
  };
}
