import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import type { MachineRequests } from '../../src/debug/machine';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, kernelStatus, type Kernel } from './kernel';

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  const { architecture } = findTarget(id)!;

  describe(`the machine ${id}`, function () {
    this.timeout(60_000);
    let kernel: Kernel;
    let spinning: Kernel;
    let adapter: DebugAdapter;

    before(async () => {
      kernel = await buildKernel(architecture);
      spinning = await buildKernel(architecture, 'SPIN=1');
    });
    beforeEach(async () => {
      adapter = await DebugAdapter.start();
      adapter.defaultTimeout = 20_000;
    });
    afterEach(() => adapter.stop());

    const launch = (image: string, tags: readonly string[], record = false): Promise<void> =>
      adapter.launchGuest({ target: id, kernel: image, record }, () => adapter.breakAt(tags));
    const ask = async <Command extends keyof MachineRequests>(
      command: Command,
      args?: MachineRequests[Command]['arguments'],
    ): Promise<MachineRequests[Command]['body']> => {
      const response: DebugProtocol.Response = await adapter.customRequest(command, args);
      return response.body as MachineRequests[Command]['body'];
    };
    /** The description of the stop that a request leads to. */
    const stopAfter = async (go: () => Promise<unknown>): Promise<string | undefined> => {
      const stopped = adapter.waitForEvent('stopped');
      await go();
      return ((await stopped) as DebugProtocol.StoppedEvent).body.description;
    };

    it('is saved and restored, and the editor shows what it was', async () => {
      const frame = await adapter.runTo('loop', () => launch(kernel.image, ['loop']));
      assert.equal(await adapter.evaluate('i', frame), '0');
      await ask('unikernel.saveSnapshot', { name: 'first "loop"' });
      const later = await adapter.runTo('loop', () => adapter.continue());
      assert.equal(await adapter.evaluate('i', later), '1');
      const { snapshots } = await ask('unikernel.snapshots');
      assert.deepEqual(
        snapshots.map(({ name }) => name),
        ['first "loop"'],
      );
      const restore = () => ask('unikernel.restoreSnapshot', { name: 'first "loop"' });
      assert.equal(await stopAfter(restore), 'Snapshot "first "loop"" restored');
      const restored = await adapter.topFrame();
      assert.equal(await adapter.evaluate('i', restored), '0');
      assert.equal(await adapter.evaluate('total', restored), '0');
      await adapter.breakAt([]);
      const status = adapter.exitStatus();
      await adapter.continue();
      assert.equal(await status, kernelStatus);
    });

    it('is saved while it runs, without a visible stop, and stands still once restored', async () => {
      await adapter.runTo('spin', () => launch(spinning.image, ['spin']));
      await adapter.breakAt([]);
      await adapter.continue();
      let stops = 0;
      adapter.on('stopped', () => stops++);
      await ask('unikernel.saveSnapshot', { name: 'spinning' });
      assert.equal(stops, 0);
      const paused = adapter.waitForEvent('stopped');
      await ask('unikernel.restoreSnapshot', { name: 'spinning' });
      await paused;
      assert.equal((await adapter.topFrame()).name, 'main');
    });

    it('goes on only once it is saved', async () => {
      const { line } = await adapter.runTo('loop', () => launch(kernel.image, ['loop']));
      const saved = ask('unikernel.saveSnapshot', { name: 'before' });
      const stepped = adapter.waitForEvent('stopped');
      await adapter.nextRequest({ threadId: 1 });
      await Promise.all([saved, stepped]);
      assert.notEqual((await adapter.topFrame()).line, line);
      await stopAfter(() => ask('unikernel.restoreSnapshot', { name: 'before' }));
      assert.equal((await adapter.topFrame()).line, line);
    });

    it('says that there is no snapshot of that name', async () => {
      await adapter.runTo('loop', () => launch(kernel.image, ['loop']));
      await assert.rejects(ask('unikernel.restoreSnapshot', { name: 'other' }), /snapshot "other" was not/);
    });

    it('is reset and runs to the same breakpoint again', async () => {
      await adapter.runTo('bye', () => launch(kernel.image, ['bye']));
      assert.equal(await stopAfter(() => ask('unikernel.reset')), 'Reset');
      assert.notEqual((await adapter.topFrame()).name, 'main');
      await adapter.runTo('bye', () => adapter.continue());
    });

    it('is powered off', async () => {
      await adapter.runTo('loop', () => launch(kernel.image, ['loop']));
      const terminated = adapter.waitForEvent('terminated');
      const status = adapter.exitStatus();
      await ask('unikernel.powerOff');
      assert.equal(await status, 143);
      await terminated;
    });

    it('answers its monitor, shows its memory, and translates addresses', async () => {
      const frame = await adapter.runTo('loop', () => launch(kernel.image, ['loop']));
      assert.match((await ask('unikernel.monitor', { command: 'info version' })).output, /^\d+\.\d+/);
      await assert.rejects(ask('unikernel.monitor', { command: 'cont' }), /cannot let the guest run/);
      const { content } = await ask('unikernel.memoryMap');
      // QEMU's own order differs from run to run.
      assert.match(content, /Physical memory\n=+\n(.* root: .*\n)+ Root memory region: system\n(.*\n)*.* ram\)/);
      assert.match(content, architecture === 'x86_64' ? /cr3 .*\n(.*\n)*Virtual memory.*\n=+\n0/ : /TTBR0_EL1/);
      const address = /0x[0-9a-f]+/.exec(await adapter.evaluate('&total', frame))![0];
      // Both kernels run where their memory is.
      assert.deepEqual(await ask('unikernel.translate', { address }), { physicalAddress: address });
      // One maps its first GiB, the other has no page table.
      const high = '0x80000000000';
      const mapped = architecture === 'x86_64' ? {} : { physicalAddress: high };
      assert.deepEqual(await ask('unikernel.translate', { address: high }), mapped);
    });

    it('is not changed from outside in a recorded run', async () => {
      await adapter.runTo('loop', () => launch(kernel.image, ['loop'], true));
      await assert.rejects(ask('unikernel.reset'), /recorded run cannot be changed/);
    });
  });
}
