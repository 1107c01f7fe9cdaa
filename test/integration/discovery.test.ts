import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { isLong } from '../form';
import { callsFound, callsMade, traceInto, whyNoTrace } from '../strace';
import { runCases, type Start } from '../conformance/runner';

const root = resolve(__dirname, '../..');

interface Program {
  readonly name: string;
  readonly sources: string;
  /** Of conformance: the program goes on behind a case that ends it. */
  readonly cases?: boolean;
}

const programs: Program[] = [
  { name: 'c-hello', sources: 'templates/c-hello/src' },
  { name: 'libc', sources: 'test/fixtures/libc' },
  { name: 'threads', sources: 'test/fixtures/threads' },
  { name: 'conformance', sources: 'test/conformance/cases', cases: true },
];

describe('discovery, beside what strace sees', function () {
  this.timeout(600_000);
  let folder: string;

  before(async function () {
    const reason = await whyNoTrace();
    if (reason !== undefined) {
      console.log(`skipped: ${reason}`);
      this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), 'unikernel-discovery-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Links the program for this computer as toolchains/c does for a unikernel. */
  async function link({ name, sources }: Program): Promise<string> {
    const { execa } = await import('execa');
    const program = join(folder, name);
    const file = async (name: string): Promise<string> =>
      (await execa('x86_64-linux-gnu-gcc', [`-print-file-name=${name}`])).stdout;
    const musl = '/usr/lib/x86_64-linux-musl';
    const inputs = readdirSync(join(root, sources)).filter((file) => file.endsWith('.c'));
    const headers = ['-nostdinc', '-isystem', '/usr/include/x86_64-linux-musl', '-isystem', await file('include')];
    await execa('x86_64-linux-gnu-gcc', [
      ...['-std=gnu11', '-Os', '-w', '-fno-pie', '-no-pie', '-static', '-nostdlib', ...headers, '-o', program],
      ...[`${musl}/crt1.o`, `${musl}/crti.o`, await file('crtbeginT.o')],
      ...inputs.map((input) => join(root, sources, input)),
      ...['-Wl,--start-group', `${musl}/libc.a`, await file('libgcc.a'), await file('libgcc_eh.a'), '-Wl,--end-group'],
      ...[await file('crtend.o'), `${musl}/crtn.o`],
    ]);
    return program;
  }

  function trace(program: string, log: string): Start {
    return (firstCase, onOutput) => {
      const [strace = '', ...words] = traceInto(log);
      const child = spawn(strace, [...words, program, firstCase], {
        stdio: ['ignore', 'pipe', 'ignore'],
        detached: true,
        cwd: folder,
      });
      child.stdout.on('data', onOutput);
      const ended = new Promise<number>((done) => {
        child.on('close', (status, signal) => {
          done(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
        });
      });
      return { ended, stop: () => process.kill(-child.pid!, 'SIGKILL') };
    };
  }

  function caseNames(sources: string): string[] {
    const texts = readdirSync(join(root, sources)).map((name) => readFileSync(join(root, sources, name), 'utf8'));
    return texts.flatMap((text) => [...text.matchAll(/^CASE\((\w+)\)/gm)].map(([, name = '']) => name));
  }

  for (const program of programs) {
    it(`finds every call that ${program.name} makes`, async function () {
      // Some minutes: under strace every call is some hundred times slower.
      if (program.cases && !isLong) this.skip();
      const file = await link(program);
      const log = join(folder, `${program.name}.log`);
      const found = await callsFound(file);
      const start = trace(file, log);
      if (program.cases) await runCases(caseNames(program.sources), start);
      else await (await start('', () => undefined)).ended;
      const made = await callsMade(log);
      assert.ok(made.size > 2);
      assert.deepEqual(
        [...made].filter((name) => !found.has(name)),
        [],
      );
    });
  }
});
