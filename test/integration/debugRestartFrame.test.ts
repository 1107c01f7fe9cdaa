import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, kernelStatus, type Kernel } from './kernel';

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
  });
}
