import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { isLong } from '../form';
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
    const { execa } = await import('execa');
    const traced = await execa('strace', ['-qq', '-o', '/dev/null', 'true'], { reject: false });
    if (traced.exitCode !== 0) {
      console.log(`skipped: nothing can be traced here (${traced.stderr.split('\n')[0] ?? ''})`);
      this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), 'unikernel-discovery-'));
    await execa(join(root, 'toolchains/shared/discover/build'), [join(folder, 'discover')]);
    await writeFile(join(folder, 'handlers'), '');
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
      const words = ['-f', '-qq', '-A', '-o', log, program, firstCase];
      const child = spawn('strace', words, { stdio: ['ignore', 'pipe', 'ignore'], detached: true, cwd: folder });
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
      const { execa } = await import('execa');
      const file = await link(program);
      const log = join(folder, `${program.name}.log`);
      const { stdout } = await execa(join(folder, 'discover'), [file, '--handlers', join(folder, 'handlers')]);
      const { reached } = JSON.parse(stdout) as { reached: { name: string }[] };
      const found = new Set(reached.map(({ name }) => name));
      const start = trace(file, log);
      if (program.cases) await runCases(caseNames(program.sources), start);
      else await (await start('', () => undefined)).ended;
      const lines = await readFile(log, 'utf8');
      const made = new Set([...lines.matchAll(/^\d+ +([a-z]\w*)\(/gm)].map(([, name = '']) => name));
      // What starts the program is not of it; and the kernel makes the second one itself after a stop.
      made.delete('execve');
      made.delete('restart_syscall');
      // Numbers that are no call's: strace has no name for them.
      for (const name of made) if (name.startsWith('syscall_')) made.delete(name);
      assert.ok(made.size > 2, lines.slice(0, 500));
      assert.deepEqual(
        [...made].filter((name) => !found.has(name)),
        [],
      );
    });
  }
});
