import { EventEmitter, once } from 'node:events';
import { bootArtifact } from '../../src/boot';
import { readArtifact } from '../../src/build/build';
import type { Target } from '../../src/targets';
import { inForm } from '../form';
import { findFreePages } from '../freePages';
import type { Built } from './program';

/** A guest whose program does what is typed. */
export interface Prompt {
  /** Types a line, which is echoed, and answers what is printed behind it, until that matches. */
  type(line: string, end: RegExp): Promise<string>;
  /** The guest's free memory in pages. */
  freePages(): Promise<number>;
  stop(): Promise<void>;
}

/** In milliseconds, of what one line asks for. */
const limit = inForm(60_000, 120_000);

/** Boots a program that reads from the console; READY is what it prints before. */
export async function bootAtPrompt(
  built: Built,
  target: Target,
  words: readonly string[],
  ready: RegExp,
): Promise<Prompt> {
  const artifact = await readArtifact(built.folder, target.architecture);
  const signal = AbortSignal.timeout(60_000);
  const guest = await bootArtifact(artifact, target, { kernelArguments: words, folder: built.folder, signal });
  let output = Buffer.alloc(0);
  const text = (): string => output.toString().replaceAll('\r\n', '\n');
  const printed = new EventEmitter<{ data: []; end: [] }>();
  guest.console.subscribe((data) => {
    output = Buffer.concat([output, data]);
    printed.emit('data');
  });
  const waitFor = async (what: RegExp): Promise<void> => {
    const signal = AbortSignal.any([AbortSignal.timeout(limit), ended.signal]);
    while (!what.test(text())) {
      await once(printed, 'data', { signal }).catch((error: unknown) => {
        throw new Error(`${what} is not in what was printed: ${text()}`, { cause: error });
      });
    }
  };
  const ended = new AbortController();
  void guest.ended.then(() => {
    ended.abort();
  });
  await waitFor(ready);
  return {
    async type(line, end) {
      output = Buffer.alloc(0);
      guest.console.write(`${line}\n`);
      await waitFor(end);
      return text().slice(text().indexOf('\n') + 1);
    },
    freePages: await findFreePages(guest, built.folder, target),
    async stop() {
      await guest.powerOff();
      await guest.ended;
    },
  };
}
