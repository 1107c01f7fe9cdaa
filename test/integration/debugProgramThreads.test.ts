import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { architectures } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { lineOf } from './kernel';
import { buildHello } from './unikernel';

const source = resolve(__dirname, '../fixtures/concurrency/debugged.c');

/** The threads of the program that wait: the way from the kernel's wait to the program, and its `depth` and `mine`. */
const waiting = [
  { name: 'locker', way: ['libos_sleep', 'libos_sys_futex', 'waits_for_lock'], depth: '11', mine: '200' },
  { name: 'waiter', way: ['libos_sleep', 'libos_sys_futex', 'waits_for_condition'], depth: '12', mine: '300' },
  { name: 'sleeper', way: ['libos_sleep', 'nanosleep', 'sleeps'], depth: '13', mine: '400' },
  { name: 'reader', way: ['libos_sleep', 'read_pipe', 'reads'], depth: '14', mine: '500' },
  { name: 'poller', way: ['libos_sleep', 'epoll_pwait', 'polls'], depth: '15', mine: '600' },
];

describe('the threads of a program on the library OS', function () {
  this.timeout(300_000);
  let hello: Awaited<ReturnType<typeof buildHello>>;
  let adapter: DebugAdapter;

  before(async () => {
    hello = await buildHello(readFileSync(source, 'utf8'));
  });
  after(() => hello.remove());
  beforeEach(async () => {
    adapter = await DebugAdapter.start();
  });
  afterEach(() => adapter.stop());

  const stackOf = async (threadId: number): Promise<DebugProtocol.StackFrame[]> =>
    (await adapter.stackTraceRequest({ threadId, startFrame: 0, levels: 20 })).body.stackFrames;

  const frameOf = (stack: readonly DebugProtocol.StackFrame[], name: string): DebugProtocol.StackFrame => {
    const frame = stack.find((each) => each.name === name);
    assert.ok(frame, `${name} is not in ${stack.map((each) => each.name).join(' < ')}`);
    return frame;
  };

  /** What a person sees of a thread that no CPU runs. */
  const checkWaiting = async (threads: readonly DebugProtocol.Thread[]): Promise<void> => {
    for (const { name, way, depth, mine } of waiting) {
      const thread = threads.find((each) => each.name === `${name} (blocked)`);
      assert.ok(thread, `${name} is not in ${threads.map((each) => each.name).join()}`);
      const stack = await stackOf(thread.id);
      const names = stack.map((each) => each.name);
      assert.deepEqual(
        names.filter((each) => way.includes(each)),
        way,
        names.join(' < '),
      );
      const frame = frameOf(stack, way.at(-1)!);
      assert.ok(frame.source?.path?.endsWith('hello/src/main.c'));
      assert.ok(frame.line > lineOf(name, source) && frame.line < lineOf(name, source) + 8, `line ${frame.line}`);
      assert.equal(await adapter.evaluate('mine', frame), mine);
      const { scopes } = (await adapter.scopesRequest({ frameId: frame.id })).body;
      const locals = await adapter.variables(scopes[0]!.variablesReference);
      assert.equal(locals.find((each) => each.name === 'depth')?.value, depth);
    }
  };

  for (const architecture of architectures) {
    it(`are shown with their stacks and variables, and go their own ways, on ${architecture}`, async () => {
      const main = join(hello.folder, 'src/main.c');
      const artifact = join(hello.folder, 'build', architecture, 'artifact.json');
      const breakAt = (...tags: string[]) =>
        adapter.setBreakpointsRequest({
          source: { path: main },
          breakpoints: tags.map((tag) => ({ line: lineOf(tag, source) })),
        });
      const threads = async (): Promise<DebugProtocol.Thread[]> => (await adapter.threadsRequest()).body.threads;

      const { frame } = await adapter.runToStop(() => adapter.launchGuest({ artifact }, () => breakAt('look')));
      const before = await threads();
      assert.deepEqual(before[0], { id: 1, name: 'CPU 0: thread 1' });
      assert.equal(before.length, 7);
      await checkWaiting(before);
      const spinner = before.find(({ name }) => name === 'spinner (ready)');
      assert.ok(spinner);
      const spinning = frameOf(await stackOf(spinner.id), 'spin');
      assert.equal(await adapter.evaluate('depth + mine', spinning), '716');
      // What no CPU runs cannot be stepped; the thread that is stepped stays the one that is seen.
      await assert.rejects(adapter.nextRequest({ threadId: spinner.id }), /spinner cannot be stepped/);
      assert.equal(await adapter.evaluate('mine', frame), '1');
      for (const tag of ['stepped', 'stepped twice']) {
        const stepped = await adapter.runToStop(() => adapter.nextRequest({ threadId: 1 }));
        assert.deepEqual([stepped.frame.name, stepped.frame.line], ['look', lineOf(tag, source)]);
      }
      assert.equal(await adapter.evaluate('mine', await adapter.topFrame()), '2');
      await checkWaiting(await threads());

      // The main thread sleeps most of the time, and the one that spins has the CPU.
      await breakAt();
      let running: DebugProtocol.Thread[] = [];
      for (let tries = 0; tries < 20 && running[0]?.name !== 'CPU 0: spinner'; tries++) {
        await adapter.continue();
        await delay(20);
        await adapter.runToStop(() => adapter.pauseRequest({ threadId: 1 }));
        running = await threads();
      }
      assert.equal(running[0]?.name, 'CPU 0: spinner');
      await checkWaiting(running);
      const spins = frameOf(await stackOf(1), 'spin');
      assert.equal(await adapter.evaluate('mine', spins), '700');
      const first = running.find(({ name }) => /^thread 1 \((blocked|ready)\)$/.test(name));
      assert.ok(first, running.map(({ name }) => name).join());
      const sleeping = frameOf(await stackOf(first.id), 'main');
      assert.equal(sleeping.line, lineOf('again', source));
      assert.equal(await adapter.evaluate('mine', sleeping), '3');

      const exited = adapter.exitStatus();
      await adapter.evaluate('stop = 1', spins, 'repl');
      await adapter.continue();
      assert.equal(await exited, 3);
    });
  }
});
