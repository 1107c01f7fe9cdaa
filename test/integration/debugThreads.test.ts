import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { readArtifact } from '../../src/build/build';
import { architectures, type Architecture } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { linkKernel, places } from './kernels';
import { buildHello } from './unikernel';

const fixtures = resolve(__dirname, '../fixtures/kernels');

/** The lines of a file, from 1, that carry the tags. */
function linesOf(path: string, ...tags: string[]): number[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return tags.map((tag) => lines.findIndex((text) => text.includes(`/* tag: ${tag} */`)) + 1);
}

for (const architecture of ['x86_64', 'aarch64'] satisfies Architecture[]) {
  describe(`debugging threads on ${architecture}`, function () {
    this.timeout(60_000);
    const { low } = places[architecture];
    const cpusSource = join(fixtures, 'cpus.c');
    const threadsSource = join(fixtures, 'threads.c');
    let folder: string;
    let twoCpus: string;
    let contexts: string;
    let adapter: DebugAdapter;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'threads-'));
      twoCpus = await linkKernel(architecture, join(folder, 'cpus'), low, ['-DSECOND_CPU'], [cpusSource]);
      const sources = [threadsSource, join(fixtures, `switch-${architecture}.S`)];
      contexts = await linkKernel(architecture, join(folder, 'contexts'), low, [], sources);
    });
    after(() => rm(folder, { recursive: true }));
    beforeEach(async () => {
      adapter = await DebugAdapter.start();
    });
    afterEach(() => adapter.stop());

    const breakAt = (path: string, ...tags: string[]) =>
      adapter.setBreakpointsRequest({
        source: { path },
        breakpoints: linesOf(path, ...tags).map((line) => ({ line })),
      });

    const threads = async (): Promise<DebugProtocol.Thread[]> => (await adapter.threadsRequest()).body.threads;

    const stackOf = async (threadId: number): Promise<DebugProtocol.StackFrame[]> =>
      (await adapter.stackTraceRequest({ threadId, startFrame: 0, levels: 20 })).body.stackFrames;

    /** Does what ends in a stop. */
    const stopAfter = async (go: () => Promise<unknown>): Promise<DebugProtocol.StoppedEvent['body']> => {
      const stopped = adapter.waitForEvent('stopped');
      await go();
      return ((await stopped) as DebugProtocol.StoppedEvent).body;
    };

    const counts = async (): Promise<number[]> => {
      const frameId = (await stackOf(1))[0]!.id;
      return Promise.all(
        ['counts[0]', 'counts[1]'].map(async (expression) =>
          Number((await adapter.evaluateRequest({ expression, frameId, context: 'watch' })).body.result),
        ),
      );
    };

    it('shows the CPUs, those that wait as halted', async () => {
      const body = await stopAfter(() =>
        adapter.launchGuest({ kernel: twoCpus, machine: { smp: 3 } }, () => breakAt(cpusSource, 'count')),
      );
      assert.equal(body.allThreadsStopped, true);
      assert.deepEqual(await threads(), [
        { id: 1, name: 'CPU 0' },
        { id: 2, name: 'CPU 1' },
        { id: 3, name: 'CPU 2 (halted)' },
      ]);
      const running = adapter.waitForEvent('stopped');
      await breakAt(cpusSource);
      await adapter.continue();
      assert.deepEqual(
        (await threads()).map(({ name }) => name),
        ['CPU 0', 'CPU 1', 'CPU 2'],
      );
      await adapter.pauseRequest({ threadId: 1 });
      await running;
    });

    it('stops and steps the CPU that the breakpoint was hit on, while the other one stands still', async () => {
      const kernel = { kernel: twoCpus, machine: { smp: 2 } };
      const cpu = { condition: 'cpu == 1' };
      const [line] = linesOf(cpusSource, 'count');
      const source = { path: cpusSource };
      const body = await stopAfter(() =>
        adapter.launchGuest(kernel, () =>
          adapter.setBreakpointsRequest({ source, breakpoints: [{ line: line!, ...cpu }] }),
        ),
      );
      assert.equal(body.threadId, 2);
      const before = await counts();
      for (let step = 0; step < 8; step++) {
        const stepped = await stopAfter(() => adapter.nextRequest({ threadId: 2 }));
        assert.equal(stepped.threadId, 2);
      }
      const after = await counts();
      assert.equal(after[0], before[0]);
      assert.ok(after[1]! > before[1]!);
      const other = (await stackOf(1)).map(({ name }) => name);
      assert.ok(!other.includes('second_main'), other.join());
      assert.ok((await stackOf(2)).some(({ name }) => name === 'second_main'));
    });

    it('pauses both CPUs, which both go on after', async () => {
      await adapter.launchGuest({ kernel: twoCpus, machine: { smp: 2 } });
      const until = async (reached: (counts: number[]) => boolean): Promise<number[]> => {
        for (;;) {
          assert.equal((await stopAfter(() => adapter.pauseRequest({ threadId: 2 }))).reason, 'pause');
          const now = await counts();
          if (reached(now)) return now;
          await adapter.continue();
        }
      };
      const first = await until(([zero, one]) => zero! > 0 && one! > 0);
      await adapter.continue();
      await until(([zero, one]) => zero! > first[0]! && one! > first[1]!);
      assert.equal((await threads()).length, 2);
    });

    it("shows a guest's own threads with their stacks and variables, and changes nothing by it", async () => {
      await stopAfter(() => adapter.launchGuest({ kernel: contexts }, () => breakAt(threadsSource, 'waiting')));
      const shown = await threads();
      assert.deepEqual(
        shown.map(({ name }) => name),
        ['CPU 0: initial', 'first (ready)', 'second (blocked)'],
      );
      const [cpu, first, second] = shown.map(({ id }) => id);
      const [switched, deeper, resumed] = linesOf(threadsSource, 'switched', 'deeper', 'resumed');
      // All at once, as an editor may ask.
      const stacks = await Promise.all([first!, cpu!, second!].map(stackOf));
      assert.deepEqual(
        stacks.map((stack) => stack.map(({ name }) => name).filter((name) => name !== '??')),
        [
          ['go_on', 'wait', 'wait', 'wait', 'run', 'run_first'],
          ['main', 'higher'],
          ['go_on', 'wait', 'wait', 'run', 'run_second'],
        ],
      );
      assert.equal(stacks[0]![0]!.line, switched);
      assert.equal(stacks[0]![2]!.line, deeper);
      assert.equal(stacks[0]![4]!.line, resumed! - 1);
      const values = async (frame: DebugProtocol.StackFrame, ...expressions: string[]) =>
        Promise.all(expressions.map((expression) => adapter.evaluate(expression, frame)));
      assert.deepEqual(await values(stacks[0]![2]!, 'depth', 'below', 'self->name[0]'), ['1', '10', "102 'f'"]);
      assert.deepEqual(await values(stacks[2]![2]!, 'depth', 'below', 'self->id'), ['1', '10', '8']);
      // Thread-local variables are each thread's own, in plain and in other expressions.
      assert.deepEqual(await values(stacks[1]![0]!, 'mine.number', 'mine.number + total'), ['100', '100']);
      assert.deepEqual(await values(stacks[0]![3]!, 'mine.number', 'mine.text[0]'), ['700', "102 'f'"]);
      assert.deepEqual(await values(stacks[2]![1]!, 'mine.number', 'self->id + mine.number'), ['800', '808']);
      const { scopes } = (await adapter.scopesRequest({ frameId: stacks[0]![3]!.id })).body;
      const locals = await adapter.variables(scopes[0]!.variablesReference);
      assert.equal(locals.find(({ name }) => name === 'depth')?.value, '2');
      const self = locals.find(({ name }) => name === 'self')!;
      const members = await adapter.variables(self.variablesReference);
      assert.equal(members.find(({ name }) => name === 'id')?.value, '7');
      await assert.rejects(adapter.nextRequest({ threadId: first! }), /first cannot be stepped/);
      // The CPU's own stack is what it was, and the thread goes on where it waited.
      assert.deepEqual(await stackOf(cpu!), stacks[1]);
      await breakAt(threadsSource, 'resumed', 'end');
      await stopAfter(() => adapter.continue());
      assert.equal((await adapter.topFrame()).line, resumed);
      const later = await threads();
      assert.deepEqual(
        later.map(({ name }) => name),
        ['CPU 0: first', 'initial (ready)', 'second (blocked)'],
      );
      assert.equal(later[2]!.id, second);
      assert.equal(await adapter.evaluate('total', await adapter.topFrame()), '30');
      const exited = adapter.exitStatus();
      await breakAt(threadsSource);
      await adapter.continue();
      assert.equal(await exited, 31);
    });
  });
}

describe('thread-local variables of a program on the library OS', function () {
  this.timeout(300_000);
  let hello: Awaited<ReturnType<typeof buildHello>>;
  let adapter: DebugAdapter;

  before(async () => {
    hello = await buildHello(`#include <stdio.h>

static __thread struct { int times; char name[8]; } calls;
__thread int marker = 42;

static void count(void)
{
    calls.times++;
    calls.name[0] = 'c';
}

int main(void)
{
    count();
    count();
    puts(calls.name);
    return marker;
}
`);
  });
  after(() => hello.remove());
  beforeEach(async () => {
    adapter = await DebugAdapter.start();
  });
  afterEach(() => adapter.stop());

  for (const architecture of architectures) {
    it(`print and are changed on ${architecture}`, async () => {
      const { image, symbols } = await readArtifact(hello.folder, architecture);
      const breakpoints = [{ name: 'puts' }];
      const { frame } = await adapter.runToStop(() =>
        adapter.launchGuest({ kernel: image, symbols }, () => adapter.setFunctionBreakpointsRequest({ breakpoints })),
      );
      assert.equal(await adapter.evaluate('calls.times', frame), '2');
      assert.equal(await adapter.evaluate('calls.name[0]', frame), "99 'c'");
      assert.equal(await adapter.evaluate('marker + calls.times', frame), '44');
      await adapter.evaluate('marker = 7', frame, 'repl');
      const exited = adapter.exitStatus();
      await adapter.continue();
      assert.equal(await exited, 7);
    });
  }
});
