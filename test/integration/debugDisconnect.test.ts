import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import type { LaunchArguments } from '../../src/debug/arguments';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, type Kernel } from './kernel';
import { descendants, waitUntilGone } from './processes';

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  describe(`a guest that was launched and let go on ${id}`, function () {
    this.timeout(60_000);
    let spinning: Kernel;
    let adapter: DebugAdapter;
    let other: DebugAdapter;

    before(async () => {
      spinning = await buildKernel(findTarget(id)!.architecture, 'SPIN=1');
    });
    beforeEach(async () => {
      [adapter, other] = [await DebugAdapter.start(), await DebugAdapter.start()];
    });
    afterEach(() => Promise.all([adapter.stop(), other.stop()]));

    /** Disconnects as an editor does, which then ends the adapter; resolves to the socket that gdb can connect to. */
    const letGo = async (): Promise<string> => {
      const outputs: string[] = [];
      adapter.on('output', ({ body }: DebugProtocol.OutputEvent) => outputs.push(body.output));
      await adapter.disconnectRequest({ terminateDebuggee: false });
      process.kill(adapter.pid, 'SIGTERM');
      const [, socket = ''] = /attach to (.*)\n/.exec(outputs.join('')) ?? [];
      return socket;
    };

    /** Attaches from a second adapter, has the guest end, and sees that nothing is left of it. */
    const debugToItsEnd = async (socket: string): Promise<void> => {
      const qemu = await descendants(adapter.pid, 'qemu-system-');
      assert.equal(qemu.length, 1);
      const ended = once(other, 'terminated');
      await other.attachToGuest({ connect: socket, target: id, symbols: spinning.image });
      await other.runToStop(() => other.pauseRequest({ threadId: 1 }));
      await other.evaluateRequest({ expression: 'spin = 0', context: 'repl' });
      const gone = adapter.exited();
      await other.continue();
      await Promise.all([ended, gone, waitUntilGone(qemu)]);
      assert.equal(existsSync(dirname(socket)), false);
    };

    it('goes on, and can be debugged again, although it was stopped at a breakpoint', async () => {
      await adapter.runTo('spin', () =>
        adapter.launchGuest({ target: id, kernel: spinning.image }, () => adapter.breakAt(['spin'])),
      );
      const gdb = await descendants(adapter.pid, 'gdb');
      const socket = await letGo();
      await waitUntilGone(gdb);
      await debugToItsEnd(socket);
    });

    it('goes on although gdb hangs', async () => {
      await adapter.launchGuest({ target: id, kernel: spinning.image });
      await adapter.runToStop(() => adapter.pauseRequest({ threadId: 1 }));
      const gdb = await descendants(adapter.pid, 'gdb');
      for (const pid of gdb) process.kill(pid, 'SIGSTOP');
      const socket = await letGo();
      await waitUntilGone(gdb);
      await debugToItsEnd(socket);
    });

    it('goes on where it had no debugger', async () => {
      await adapter.initializeRequest();
      await adapter.launchRequest({ target: id, kernel: spinning.image, noDebug: true } as LaunchArguments);
      await debugToItsEnd(await letGo());
    });

    it('ends where that is asked for, or nothing is said', async () => {
      for (const args of [{}, { terminateDebuggee: true }]) {
        const session = await DebugAdapter.start();
        await session.launchGuest({ target: id, kernel: spinning.image });
        const qemu = await descendants(session.pid, 'qemu-system-');
        await session.disconnectRequest(args);
        await waitUntilGone(qemu);
        await session.stop();
      }
    });
  });
}
