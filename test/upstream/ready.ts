import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'node:http';
import type { Context } from 'mocha';
import { architectures as everyArchitecture, targets, type Architecture } from '../../src/targets';
import { unikernel } from '../integration/unikernel';
import { checkCalls } from './calls';
import { keepUnderLoad, keptByCollector } from './load';
import type { Built } from './program';
import { bootServer, startServer, type Server } from './server';
import { askByWrk } from './wrk';

/** A program that is linked before it comes into a project: its source, and how each architecture's is made. */
export interface ReadyProgram {
  readonly name: string;
  /** In test/fixtures/ready. */
  readonly source: string;
  /** Those that it has a compiler for here; both, where it says nothing. */
  readonly architectures?: readonly Architecture[];
  /** The command that makes OUTPUT of SOURCE, and what it needs of the environment. */
  readonly compile: (
    architecture: Architecture,
    source: string,
    output: string,
  ) => { readonly command: readonly [string, ...string[]]; readonly env?: Readonly<Record<string, string>> };
}

/** The file that `/file` of the servers reads. */
const greeting = 'Good morning\n';

/**
 * Makes the program for its architectures, and unikernels of that; the caller removes its folder. Skips the tests whose context that is where
 * its compiler is not there.
 */
export async function buildReady(
  context: Context,
  { name, source, compile, architectures = everyArchitecture }: ReadyProgram,
): Promise<Built> {
  const { execa } = await import('execa');
  const folder = join(await mkdtemp(join(tmpdir(), `unikernel-${name}-`)), name);
  const files = join(folder, 'files');
  await mkdir(files, { recursive: true });
  await writeFile(join(files, 'greeting'), greeting);
  // Some compilers leave files beside the source.
  const copy = join(folder, source);
  await cp(join('test/fixtures/ready', source), copy);
  for (const architecture of architectures) {
    const { command, env } = compile(architecture, copy, join(folder, architecture));
    const [compiler, ...words] = command;
    const made = await execa(compiler, words, { env: { ...env }, reject: false });
    if (made.code === 'ENOENT') {
      console.log(`skipped: ${compiler} is not installed`);
      await rm(folder, { recursive: true });
      return context.skip();
    }
    assert.equal(made.exitCode, 0, made.stderr);
  }
  const program = Object.fromEntries(architectures.map((architecture) => [architecture, architecture]));
  const project = { name, language: 'elf', targets: architectures, program, files: 'files', memory: '256M' };
  await writeFile(join(folder, 'unikernel.json'), JSON.stringify(project));
  const built = await unikernel(folder, 'build');
  assert.equal(built.exitCode, 0, built.stdout + built.stderr);
  return {
    folder,
    native: { program: join(folder, 'x86_64'), files },
    tools: {},
    runNatively: () => Promise.reject(new Error('It is a server.')),
  };
}

/** Removes what buildReady made. */
export async function removeReady({ folder }: Built): Promise<void> {
  await unikernel(folder, 'clean');
  await rm(folder, { recursive: true });
}

/** What the server answers; connections are kept. */
function ask(port: number, agent: Agent, path: string, body?: Buffer): Promise<string> {
  return new Promise((answered, failed) => {
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request({ host: '127.0.0.1', port, path, method, agent, timeout: 30_000 }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', failed);
      response.on('end', () => {
        answered(`${response.statusCode ?? 0} ${Buffer.concat(parts).toString('latin1')}`);
      });
    });
    asked.on('error', failed).on('timeout', () => asked.destroy(new Error(`${path} was not answered`)));
    asked.end(body);
  });
}

/** One answer after the other, then of many connections at once. */
async function useServer(server: Server, paths: readonly string[]): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const large = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));
  try {
    const answers: string[] = [];
    for (const path of paths) answers.push(await ask(server.port, agent, path));
    answers.push(await ask(server.port, agent, '/echo', large));
    const many = await Promise.all(
      Array.from({ length: 200 }, (_, index) => ask(server.port, agent, '/echo', Buffer.from(`request ${index}`))),
    );
    return [...answers, ...many];
  } finally {
    agent.destroy();
  }
}

/** Asks the server to end. */
async function quit(server: Server): Promise<string> {
  const agent = new Agent();
  const answer = await ask(server.port, agent, '/quit');
  agent.destroy();
  return answer.trim();
}

/** Tests that a server answers on every target as it does on this computer, and keeps its memory under load. */
export function describeReadyServer(program: ReadyProgram, paths: readonly string[]): void {
  describe(program.name, function () {
    this.timeout(600_000);
    let built: Built | undefined;
    let expected: string[];
    const wordsFor = (port: number): string[] => [`127.0.0.1:${port}`];

    before(async function () {
      built = await buildReady(this, program);
      const server = await startServer(built, wordsFor, /listening/);
      expected = await useServer(server, paths);
      assert.equal(await quit(server), '200 bye');
      await server.stop();
    });
    after(async () => {
      if (built !== undefined) await removeReady(built);
    });

    it('makes no call on Linux that discovery does not find', function () {
      return checkCalls(this, built!.native.program, async (before) => {
        const server = await startServer(built!, wordsFor, /listening/, before);
        await useServer(server, paths).finally(() => server.stop());
      });
    });

    for (const target of targets) {
      if (program.architectures?.includes(target.architecture) === false) continue;
      it(`answers on ${target.id} as on Linux, and its memory stays under load`, async () => {
        assert.ok(built !== undefined);
        const server = await bootServer(built, target, ['0.0.0.0:8080'], 8080, /listening/);
        try {
          assert.deepEqual(await useServer(server, paths), expected);
          const file = expected[paths.indexOf('/file')]!.replace(/^200 /, '');
          const round = async (): Promise<number> => {
            const answers = await askByWrk(server.port, '/file', file);
            // Where there is a collector, it runs at the end of that.
            await useServer(server, ['/work']);
            return answers;
          };
          await keepUnderLoad(`${program.name} on ${target.id}`, () => server.freePages(), round, {
            kept: keptByCollector,
          });
          assert.equal(await quit(server), '200 bye');
        } finally {
          await server.stop();
        }
      });
    }
  });
}
