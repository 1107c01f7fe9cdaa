import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, kernelStatus, type Kernel } from './kernel';
import { descendants, waitUntilGone } from './processes';

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  describe(`a recorded run on ${id}`, function () {
    this.timeout(60_000);
    let kernel: Kernel;
    let adapter: DebugAdapter;
    let output: string;

    before(async () => {
      kernel = await buildKernel(findTarget(id)!.architecture);
    });
    beforeEach(async () => {
      output = '';
      adapter = await DebugAdapter.start();
      adapter.defaultTimeout = 20_000;
      adapter.on('output', ({ body }: DebugProtocol.OutputEvent) => {
        if (body.category === 'stdout') output += body.output;
      });
    });
    afterEach(() => adapter.stop());

    const record = (tags: readonly string[]): Promise<void> =>
      adapter.launchGuest({ target: id, kernel: kernel.image, record: true }, () => adapter.breakAt(tags));
    const next = () => adapter.nextRequest({ threadId: 1 });
    const stepIn = () => adapter.stepInRequest({ threadId: 1 });
    const stepBack = (granularity: DebugProtocol.SteppingGranularity = 'statement') =>
      adapter.stepBackRequest({ threadId: 1, granularity });
    const continueBack = () => adapter.reverseContinueRequest({ threadId: 1 });
    const description = async (go: () => Promise<unknown>): Promise<string | undefined> => {
      const stopped = adapter.waitForEvent('stopped');
      await go();
      return ((await stopped) as DebugProtocol.StoppedEvent).body.description;
    };

    it('is stepped back the way that it was stepped forward, without printing again', async () => {
      const capable = adapter.waitForEvent('capabilities');
      await adapter.runTo('hello', () => record(['hello']));
      const { body } = (await capable) as DebugProtocol.CapabilitiesEvent;
      assert.equal(body.capabilities.supportsStepBack, true);
      await adapter.runToStop(next);
      const inside = await adapter.runToStop(stepIn);
      assert.equal(inside.frame.name, 'count');
      await adapter.runTo('loop', next);
      assert.equal((await adapter.runToStop(() => stepBack())).frame.line, inside.frame.line);
      assert.equal((await adapter.runToStop(() => stepBack())).frame.name, 'main');
      await adapter.runTo('hello', () => stepBack());
      await adapter.runToStop(next);
      assert.equal((await adapter.runToStop(stepIn)).frame.line, inside.frame.line);
      assert.equal(output, 'hello from the guest\n');
    });

    it('goes back over a call, and back to breakpoints and to its start', async () => {
      await adapter.runTo('bye', () => record(['bye']));
      const { frame } = await adapter.runToStop(() => stepBack());
      assert.equal(frame.name, 'main');
      const before = await adapter.runToStop(() => stepBack());
      assert.equal(before.frame.name, 'main');
      await adapter.runTo('hello', () => stepBack());
      await adapter.runTo('bye', () => adapter.continue().then(() => undefined));
      await adapter.breakAt(['square']);
      const last = await adapter.runTo('square', continueBack);
      assert.equal(await adapter.evaluate('number', last), '4');
      const earlier = await adapter.runTo('square', continueBack);
      assert.equal(await adapter.evaluate('number', earlier), '3');
      await adapter.breakAt([]);
      assert.equal(await description(continueBack), 'Start of the recording');
      assert.equal(await description(() => stepBack()), 'Start of the recording');
      assert.equal(await description(() => adapter.continue()), 'End of the recording');
    });

    it('is still there when the guest has ended; continuing at its end ends the session', async () => {
      assert.equal(await description(() => record([])), 'End of the recording');
      const [qemu = 0] = await descendants(adapter.pid, 'qemu-system-');
      await adapter.breakAt(['return']);
      const frame = await adapter.runTo('return', continueBack);
      assert.equal(await adapter.evaluate('total', frame), '30');
      assert.equal(await description(() => adapter.continue()), 'End of the recording');
      const status = adapter.exitStatus();
      const terminated = adapter.waitForEvent('terminated');
      await adapter.continue();
      assert.equal(await status, kernelStatus);
      await terminated;
      await waitUntilGone([qemu]);
    });

    it('is recorded anew when it is restarted, and leaves nothing behind', async () => {
      const recordings = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('uk-recording-'));
      const before = await recordings();
      await adapter.runTo('bye', () => record(['bye']));
      const [mine] = (await recordings()).filter((name) => !before.includes(name));
      assert.ok(mine);
      await adapter.runToStop(() => stepBack());
      await adapter.runTo('bye', () => adapter.restartRequest({}));
      await adapter.runToStop(next);
      await adapter.runTo('bye', () => stepBack());
      const terminated = adapter.waitForEvent('terminated');
      await adapter.terminateRequest({});
      await terminated;
      assert.equal((await recordings()).includes(mine), false);
    });
  });
}
