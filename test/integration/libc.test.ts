import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { descendants } from './processes';
import { boot, unikernel } from './unikernel';

const sources = resolve(__dirname, '../fixtures/libc');
const env = { GREETING: 'hello there', EMPTY: '', TZ: 'UTC0' };
const words = ['one', 'two words', ''];

/** What the program prints as an ordinary program of this computer, and its status. */
async function runNatively(folder: string): Promise<{ output: string; status: number | undefined }> {
  const { execa } = await import('execa');
  const program = join(folder, 'native');
  const files = (await readdir(sources)).filter((name) => name.endsWith('.c')).map((name) => join(sources, name));
  await execa('gcc', ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-static', '-o', program, ...files, '-lm']);
  const { stdout, exitCode } = await execa(program, words, { env, reject: false, stripFinalNewline: false });
  return { output: stdout, status: exitCode };
}

/** How many milliseconds the process has kept a processor busy (Linux only): proc_pid_stat(5), in ticks of 10 ms. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** How many microseconds the thread of a process that waited longest for a CPU did so (Linux, scheduler/sched-stats.rst). */
async function longestWait(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const waits = threads.map((thread) => {
    const [, nanoseconds] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return Math.round(Number(nanoseconds) / 1000);
  });
  return Math.max(...waits);
}

describe('libc', function () {
  this.timeout(300_000);
  let parent: string;
  let project: string;
  let native: Awaited<ReturnType<typeof runNatively>>;

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unikernel-libc-'));
    project = join(parent, 'libc');
    await cp(sources, project, { recursive: true });
    await writeFile(
      join(project, 'unikernel.json'),
      JSON.stringify({ name: 'libc', language: 'c', sources: ['*.c'], args: words.slice(0, 1), env }),
    );
    native = await runNatively(parent);
    const built = await unikernel(project, 'build');
    assert.equal(built.exitCode, 0, built.stderr);
  });
  after(async () => {
    await unikernel(project, 'clean');
    await rm(parent, { recursive: true });
  });

  for (const target of targets) {
    it(`does on ${target.id} what it does on Linux`, async () => {
      const { output, status } = await boot(project, target, words.slice(1));
      assert.deepEqual(output.split('\n'), native.output.split('\n'));
      assert.equal(status, native.status);
      assert.doesNotMatch(output, /: NO$/m);
    });

    it(`has clocks on ${target.id} that go with the host's`, async () => {
      const arrived = new Map<string, number>();
      const used = new Map<string, number>();
      let waited: Promise<number> | undefined;
      let text = '';
      let qemu: Promise<number[]> | undefined;
      const { output, status } = await boot(project, target, ['clocks'], (data) => {
        qemu ??= descendants(process.pid, 'qemu-system-');
        text += data.toString();
        for (const [word] of text.matchAll(/begin|end|time/g)) {
          if (arrived.has(word)) continue;
          arrived.set(word, performance.timeOrigin + performance.now());
          void qemu.then(([pid = 0]) => used.set(word, processorTime(pid)));
          waited ??= qemu.then(([pid = 0]) => longestWait(pid));
        }
      });
      assert.equal(status, 0, output);
      const numbers = (name: string): number[] =>
        [...output.matchAll(new RegExp(`^${name} (-?\\d+)`, 'gm'))].map(([, number]) => Number(number));

      const [largest = NaN] = numbers('largest');
      // The clock goes on while the host runs others, and so it jumps by as much.
      const waits = (await waited) ?? 0;
      assert.ok(largest - waits < 100_000, `a jump of ${largest} us, of which the host made the CPU wait ${waits}`);
      assert.match(output, /backwards 0$/m);
      for (const seconds of [...numbers('time'), ...numbers('day')]) {
        const difference = Math.abs(seconds - arrived.get('time')! / 1000);
        assert.ok(difference < 3, `${difference} s from the host's time`);
      }
      const sleeps = numbers('nanosleep');
      assert.equal(sleeps.length, 5);
      assert.ok(Math.min(...sleeps) >= 100_000, sleeps.join(' '));
      assert.ok(Math.min(...sleeps) < 110_000, sleeps.join(' '));
      const [short = NaN] = numbers('usleep');
      assert.ok(short >= 50_000 && short < 150_000, String(short));
      // a second by the guest's clock, seen from outside
      const elapsed = arrived.get('end')! - arrived.get('begin')!;
      assert.ok(elapsed > 980 && elapsed < 1150, `${elapsed} ms`);
      const busy = used.get('end')! - used.get('begin')!;
      assert.ok(busy < 300, `a sleeping guest kept the host busy for ${busy} ms`);
    });
  }
});
