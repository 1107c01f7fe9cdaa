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

describe('a program whose threads are paused', function () {
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

  for (const architecture of architectures) {
    it(`shows the one that has the CPU, and where the main thread sleeps, on ${architecture}`, async () => {
      const main = join(hello.folder, 'src/main.c');
      const artifact = join(hello.folder, 'build', architecture, 'artifact.json');
      const breakAt = (...tags: string[]) =>
        adapter.setBreakpointsRequest({
          source: { path: main },
          breakpoints: tags.map((tag) => ({ line: lineOf(tag, source) })),
        });
      const threads = async (): Promise<DebugProtocol.Thread[]> => (await adapter.threadsRequest()).body.threads;

      await adapter.runToStop(() => adapter.launchGuest({ artifact }, () => breakAt('look')));
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
      const spins = frameOf(await stackOf(1), 'spin');
      assert.equal(await adapter.evaluate('mine', spins), '700');
      const first = running.find(({ name }) => /^hello \((blocked in .*|ready)\)$/.test(name));
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
