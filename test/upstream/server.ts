import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootArtifact } from '../../src/boot';
import { readArtifact } from '../../src/build/build';
import type { Target } from '../../src/targets';
import type { Built } from './program';
import { freePort } from '../freePort';

/** A server that takes requests. */
export interface Server {
  /** The port of this computer where it is. */
  readonly port: number;
  printed(): string;
  stop(): Promise<void>;
}

/** Says when what is printed matches; fails when the program ends before, or after a minute. */
function waitFor(ready: RegExp, ended: Promise<unknown>) {
  let output = '';
  let answer: () => void;
  const printed = new Promise<void>((resolve) => (answer = resolve));
  const limit = new Promise<void>((resolve) => setTimeout(resolve, 60_000).unref());
  return {
    add(data: Buffer): void {
      output += data.toString();
      if (ready.test(output)) answer();
    },
    printed: () => output,
    async ready(): Promise<void> {
      await Promise.race([printed, ended, limit]);
      if (!ready.test(output)) throw new Error(`The server is not ready: ${output}`);
    },
  };
}

/** Boots a server; PORT is the guest's. READY is what it prints when it takes requests. */
export async function bootServer(built: Built, target: Target, words: string[], port: number, ready: RegExp) {
  const host = await freePort();
  const network = { ports: [{ host, guest: port, protocol: 'tcp' as const }] };
  const artifact = { ...(await readArtifact(built.folder, target.architecture)), network };
  const signal = AbortSignal.timeout(120_000);
  const guest = await bootArtifact(artifact, target, { kernelArguments: words, folder: built.folder, signal });
  const output = waitFor(ready, guest.ended);
  guest.console.subscribe((data) => {
    output.add(data);
  });
  await output.ready();
  return {
    port: host,
    printed: output.printed,
    async stop() {
      await guest.powerOff();
      await guest.ended;
    },
  } satisfies Server;
}

/** Starts it on this computer; WORDS are made of the port that it is to take, and of its working folder. */
export async function startServer(
  built: Built,
  words: (port: number, folder: string) => readonly string[] | Promise<readonly string[]>,
  ready: RegExp,
): Promise<Server> {
  const { execa } = await import('execa');
  const port = await freePort();
  const cwd = await mkdtemp(join(tmpdir(), 'unikernel-server-'));
  await cp(built.native.files, cwd, { recursive: true });
  const running = execa(built.native.program, await words(port, cwd), { cwd, all: true, reject: false, buffer: false });
  const output = waitFor(ready, running);
  running.all.on('data', (data: Buffer) => {
    output.add(data);
  });
  await output.ready();
  return {
    port,
    printed: output.printed,
    async stop() {
      running.kill();
      await running;
      await rm(cwd, { recursive: true });
    },
  };
}
