import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, type Kernel } from './kernel';
import { descendants, waitUntilGone } from './processes';

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  describe(`a debug session on ${id} that breaks`, function () {
    this.timeout(60_000);
    let spinning: Kernel;
    let adapter: DebugAdapter;
    let output: string;
    let qemu: number;
    let gdb: number;

    before(async () => {
      spinning = await buildKernel(findTarget(id)!.architecture, 'SPIN=1');
    });
    beforeEach(async () => {
      output = '';
      adapter = await DebugAdapter.start();
      adapter.on('output', ({ body }: DebugProtocol.OutputEvent) => (output += body.output));
      await adapter.launchGuest({ target: id, kernel: spinning.image });
      [qemu = 0] = await descendants(adapter.pid, 'qemu-system-');
      [gdb = 0] = await descendants(adapter.pid, 'gdb');
      assert.ok(qemu > 0 && gdb > 0);
    });
    afterEach(() => adapter.stop());

    it('ends with the reason when gdb is killed, and QEMU with it', async () => {
      const terminated = adapter.waitForEvent('terminated');
      process.kill(gdb, 'SIGKILL');
      await terminated;
      assert.match(output, /gdb ended/);
      await waitUntilGone([qemu, gdb]);
      await assert.rejects(adapter.continue(), /no guest/i);
    });

    it('ends with the reason when QEMU is killed, and gdb with it', async () => {
      const status = adapter.exitStatus();
      const terminated = adapter.waitForEvent('terminated');
      process.kill(qemu, 'SIGKILL');
      assert.equal(await status, 125);
      await terminated;
      assert.match(output, /QEMU was killed/);
      await waitUntilGone([qemu, gdb]);
    });

    it('leaves no process behind when the adapter is killed', async () => {
      process.kill(adapter.pid, 'SIGKILL');
      await waitUntilGone([qemu, gdb]);
    });

    it('leaves no process behind when the editor goes away without a word', async () => {
      process.kill(adapter.pid, 'SIGTERM');
      await waitUntilGone([qemu, gdb]);
    });

    it('ends when asked to, whatever the guest does', async () => {
      await adapter.disconnectRequest();
      await waitUntilGone([qemu, gdb]);
    });
  });
}
