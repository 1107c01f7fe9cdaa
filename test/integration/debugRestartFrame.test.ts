import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { resolve } from 'node:path';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, buildKernelOf, kernelStatus, lineOf, type Kernel } from './kernel';

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  describe(`restarting a frame on ${id}`, function () {
    this.timeout(60_000);
    let kernel: Kernel;
    let adapter: DebugAdapter;

    before(async () => {
      kernel = await buildKernel(findTarget(id)!.architecture);
    });
    beforeEach(async () => {
      adapter = await DebugAdapter.start();
    });
    afterEach(() => adapter.stop());

    const stack = async () => (await adapter.stackTraceRequest({ threadId: 1 })).body.stackFrames;

    /** Restarts the frame of a function that is on the stack; the CPU then is at its first instruction. */
    const restart = async (name: string): Promise<void> => {
      const before = await stack();
      const level = before.findIndex((frame) => frame.name === name);
      const { frame, reason } = await adapter.runToStop(() =>
        adapter.ask('restartFrame', { frameId: before[level]!.id }),
      );
      assert.deepEqual([frame.name, reason], [name, 'restart']);
      assert.deepEqual(
        (await stack()).slice(1).map((each) => [each.name, each.instructionPointerReference]),
        before.slice(level + 1).map((each) => [each.name, each.instructionPointerReference]),
      );
    };

    it('calls its function again with what it was called with', async () => {
      await adapter.launchGuest({ target: id, kernel: kernel.image }, () =>
        adapter.breakAt(['square'], { condition: 'number == 3' }),
      );
      await adapter.waitForEvent('stopped');
      await restart('square');
      const again = await adapter.runTo('square', () => adapter.continue());
      assert.equal(await adapter.evaluate('number', again), '3');
      // One further out: what it had counted stays counted.
      await restart('count');
      const third = await adapter.runTo('square', () => adapter.continue());
      assert.deepEqual([await adapter.evaluate('number', third), await adapter.evaluate('total', third)], ['3', '10']);
      await adapter.breakAt([]);
      const exited = adapter.exitStatus();
      await adapter.continue();
      assert.equal(await exited, kernelStatus + 5);
    });

    it('says why where that cannot be', async () => {
      await adapter.launchGuest({ target: id, kernel: kernel.image }, () => adapter.breakAt(['square']));
      await adapter.waitForEvent('stopped');
      const outermost = (await stack()).at(-1)!;
      await assert.rejects(
        adapter.ask('restartFrame', { frameId: outermost.id }),
        /cannot be restarted\.\n(Its caller is not known|What gdb says of)/,
      );
      await assert.rejects(adapter.ask('restartFrame', { frameId: 1999 }), /cannot be restarted/);
      assert.equal((await adapter.topFrame()).name, 'square');
    });

    for (const optimisation of ['-O0', '-O2']) {
      describe(`that was compiled with ${optimisation}`, () => {
        const source = resolve(__dirname, '../fixtures/kernel/frames.c');
        let frames: Kernel;

        before(async () => {
          frames = await buildKernelOf([source, optimisation], findTarget(id)!.architecture);
        });

        /** Stops behind the beginning of the function: gdb goes over a breakpoint where it is already. */
        const stopIn = async (tag: string): Promise<DebugProtocol.StackFrame> => {
          const breakpoints = [{ line: lineOf(tag, source) }];
          const { frame } = await adapter.runToStop(() =>
            adapter.launchGuest({ target: id, kernel: frames.image }, () =>
              adapter.setBreakpointsRequest({ source: { path: source }, breakpoints }),
            ),
          );
          return frame;
        };

        for (const [tag, expression, value] of [
          ['counted', 'number', '5'],
          ['eight', 'a + 10 * h', '81'],
        ] as const) {
          it(`is called again with the same arguments: ${tag}`, async () => {
            assert.equal(await adapter.evaluate(expression, await stopIn(tag)), value);
            await restart(tag);
            const { frame } = await adapter.runToStop(() => adapter.continue());
            assert.deepEqual([frame.name, frame.line], [tag, lineOf(tag, source)]);
            assert.equal(await adapter.evaluate(expression, frame), value);
          });
        }

        for (const [tag, reason] of [
          ['structure', /gdb says of pair is .*passed in other ways/],
          ['double', /gdb says of number is "type = double", which is passed in other ways/],
          ['inlined', /It is not a function of its own/],
        ] as const) {
          it(`is refused, and nothing is changed: ${tag}`, async () => {
            const { id: frameId } = await stopIn(tag);
            const before = await stack();
            await assert.rejects(adapter.ask('restartFrame', { frameId }), reason);
            assert.deepEqual(await stack(), before);
          });
        }
      });
    }
  });
}
