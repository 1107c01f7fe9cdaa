import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { bootArtifact } from '../../src/boot';
import { readArtifact } from '../../src/build/build';
import { targets, type Target } from '../../src/targets';
import { findFreePages } from '../freePages';
import { freePort } from '../freePort';
import { checkCalls } from './calls';
import { keepUnderLoad } from './load';
import { buildProgram, removePrograms, type Built, type Program } from './program';

/** A server that takes requests. */
export interface Server {
  /** The port of this computer where it is. */
  readonly port: number;
  printed(): string;
  stop(): Promise<void>;
}

/** One that is a guest. */
export interface GuestServer extends Server {
  /** The guest's free memory in pages. */
  freePages(): Promise<number>;
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

/** Boots a server; PORT is the guest's, of TCP and UDP. READY is what it prints when it takes requests. */
export async function bootServer(built: Built, target: Target, words: readonly string[], port: number, ready: RegExp) {
  const host = await freePort();
  const network = { ports: (['tcp', 'udp'] as const).map((protocol) => ({ host, guest: port, protocol })) };
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
    freePages: await findFreePages(guest, built.folder, target),
    async stop() {
      await guest.powerOff();
      await guest.ended;
    },
  } satisfies GuestServer;
}

/**
 * Starts it on this computer; WORDS are made of the port that it is to take, and of its working folder. Its command is behind that of BEFORE,
 * if there is one.
 */
export async function startServer(
  built: Built,
  words: (port: number, folder: string) => readonly string[] | Promise<readonly string[]>,
  ready: RegExp,
  before: readonly string[] = [],
): Promise<Server> {
  const { execa } = await import('execa');
  const port = await freePort();
  const cwd = await mkdtemp(join(tmpdir(), 'unikernel-server-'));
  await cp(built.native.files, cwd, { recursive: true });
  const [command = '', ...given] = [...before, built.native.program, ...(await words(port, cwd))];
  const running = execa(command, given, { cwd, all: true, reject: false, buffer: false, detached: true });
  const output = waitFor(ready, running);
  running.all.on('data', (data: Buffer) => {
    output.add(data);
  });
  await output.ready();
  return {
    port,
    printed: output.printed,
    async stop() {
      // With what traces it.
      if (running.exitCode === null) process.kill(-running.pid!, 'SIGTERM');
      await running;
      await rm(cwd, { recursive: true });
    },
  };
}

/** A server of others, and how it is asked. */
interface Tested<Answer> {
  readonly title: string;
  readonly program: Program;
  /** Its arguments; for this computer it may write files into its working folder, while a guest has those of the build. */
  readonly words: (port: number, folder: string) => readonly string[] | Promise<readonly string[]>;
  readonly port: number;
  /** What it prints when it takes requests. */
  readonly ready: RegExp;
  /** Asks for all sorts of things; the answers are to be those of the same program on Linux. */
  readonly ask: (server: Server, built: Built) => Promise<Answer>;
  /** Asks for many things at once, checks the answers, and says how many there were: one round of its load. */
  readonly load: (server: Server, expected: Answer, built: Built) => Promise<number>;
  /** What is asked before the load. */
  readonly beforeLoad?: (server: Server) => Promise<void>;
  /** So many requests it answers at least in the long form. */
  readonly requestsAtLeast?: number;
}

/** The tests of a server: its answers are those on Linux, whoever asks. */
export function describeServer<Answer>(tested: Tested<Answer>): void {
  const { title, program, words, port, ready, ask, load, beforeLoad, requestsAtLeast } = tested;
  describe(title, function () {
    this.timeout(900_000);
    let built: Built;
    let expected: Answer;

    before(async function () {
      built = await buildProgram(this, program);
      const native = await startServer(built, words, ready);
      try {
        expected = await ask(native, built);
      } finally {
        await native.stop();
      }
    });
    after(removePrograms);

    it('makes no call on Linux that discovery does not find', function () {
      return checkCalls(this, built.native.program, async (before) => {
        const server = await startServer(built, words, ready, before);
        await ask(server, built).finally(() => server.stop());
      });
    });

    for (const target of targets) {
      const use = async (test: (server: GuestServer) => Promise<void>): Promise<void> => {
        const server = await bootServer(built, target, await words(port, built.native.files), port, ready);
        try {
          await test(server);
        } catch (error) {
          console.log(server.printed().slice(-4000));
          throw error;
        } finally {
          await server.stop();
        }
      };

      it(`answers on ${target.id} as on Linux`, () =>
        use(async (server) => {
          assert.deepEqual(await ask(server, built), expected);
        }));

      it(`serves many clients on ${target.id}, and its memory stays`, () =>
        use(async (server) => {
          await beforeLoad?.(server);
          const round = (): Promise<number> => load(server, expected, built);
          await keepUnderLoad(`${title} on ${target.id}`, () => server.freePages(), round, { requestsAtLeast });
        }));
    }
  });
}
