import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { AttachArguments, LaunchArguments } from '../../src/debug/arguments';
import { Guest, type GuestState } from '../../src/qemu/guest';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, lineOf, type Kernel } from './kernel';
import { freePort } from '../freePort';

/** A port of loopback that was free a moment ago. */
for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  describe(`attaching on ${id}`, function () {
    this.timeout(60_000);
    let spinning: Kernel;
    let folder: string;
    let guest: Guest;
    let adapter: DebugAdapter;
    const { machine, architecture } = findTarget(id)!;

    before(async () => {
      spinning = await buildKernel(architecture, 'SPIN=1');
      folder = await mkdtemp(join(tmpdir(), 'attach-'));
    });
    after(() => rm(folder, { recursive: true }));
    beforeEach(async () => {
      adapter = await DebugAdapter.start();
    });
    afterEach(async () => {
      await adapter.stop();
      await guest.dispose();
    });

    /** Boots the kernel with a gdb stub there, as someone else's command line would. */
    const boot = async (stub: string): Promise<void> => {
      const { image, exitAddress } = spinning;
      guest = await Guest.start(
        {
          ...{ machine, image, memory: '64M', exitRecord: { address: exitAddress } },
          additionalArguments: ['-gdb', stub],
        },
        new AbortController().signal,
      );
    };

    const becomes = async (state: GuestState): Promise<void> => {
      while (guest.state !== state)
        await new Promise<void>(
          (resolve) =>
            void guest.onState(() => {
              resolve();
            }),
        );
    };

    const debugTheSpin = async (connect: string): Promise<void> => {
      const breakpoints: DebugProtocol.Breakpoint[] = [];
      const frame = await adapter.runTo('spin', () =>
        adapter.attachToGuest({ connect, target: id, symbols: spinning.image }, async () =>
          breakpoints.push(...(await adapter.breakAt(['spin']))),
        ),
      );
      assert.deepEqual(
        breakpoints.map(({ verified, line }) => ({ verified, line })),
        [{ verified: true, line: lineOf('spin') }],
      );
      assert.equal(await adapter.evaluate('numbers[2]', frame), '30');
    };

    it('to a socket debugs a guest that runs, and lets it go on at the end', async () => {
      const socket = join(folder, 'gdb');
      await boot(`unix:${socket},server=on,wait=off`);
      await debugTheSpin(socket);
      await becomes('paused');
      await adapter.disconnectRequest();
      await becomes('running');
    });

    it('says that gdb does not answer while a command of its own runs the guest, which goes on', async () => {
      const socket = join(folder, 'gdb');
      await boot(`unix:${socket},server=on,wait=off`);
      await debugTheSpin(socket);
      await adapter.breakAt([]);
      const script = join(folder, 'commands');
      await writeFile(script, 'define away\n  continue\nend\n');
      const frameId = (await adapter.topFrame()).id;
      const type = (expression: string) => adapter.evaluateRequest({ expression, frameId, context: 'repl' });
      await type(`> source ${script}`);
      const continued = adapter.waitForEvent('continued');
      await type('> away');
      await continued;
      await becomes('running');
      await assert.rejects(adapter.pauseRequest({ threadId: 1 }), /gdb does not answer/);
      assert.equal(guest.state, 'running');
      await adapter.disconnectRequest();
      await becomes('running');
    });

    it('ends a guest that is not ours only when that is asked for', async () => {
      const socket = join(folder, 'gdb');
      await boot(`unix:${socket},server=on,wait=off`);
      await debugTheSpin(socket);
      await adapter.disconnectRequest({ terminateDebuggee: true });
      assert.match((await guest.ended).reason, /^QEMU ended with status 0/);
    });

    it('to host:port debugs it to its end', async () => {
      const port = await freePort();
      await boot(`tcp:127.0.0.1:${port}`);
      await debugTheSpin(`127.0.0.1:${port}`);
      const terminated = adapter.waitForEvent('terminated');
      await adapter.breakAt([]);
      await adapter.evaluateRequest({ expression: 'spin = 0', context: 'repl' });
      await adapter.continue();
      await terminated;
      assert.equal((await guest.ended).reason, 'exited');
    });

    it('to a place where nothing listens is refused with the reason', async () => {
      await boot('none');
      const address = `127.0.0.1:${await freePort()}`;
      await adapter.initializeRequest();
      await assert.rejects(
        adapter.attachRequest({ connect: address, target: id } as DebugProtocol.AttachRequestArguments),
        new RegExp(`gdb cannot connect to ${address}`),
      );
    });
  });
}

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  describe(`attaching to a guest of another session on ${id}`, function () {
    this.timeout(60_000);

    it('that runs without a debugger stops it, and lets it go on at the end', async () => {
      const spinning = await buildKernel(findTarget(id)!.architecture, 'SPIN=1');
      const [other, adapter] = [await DebugAdapter.start(), await DebugAdapter.start()];
      try {
        await other.initializeRequest();
        await other.launchRequest({ target: id, kernel: spinning.image, noDebug: true } as LaunchArguments);
        const { body } = (await other.customRequest('unikernel.openGdb')) as { body: AttachArguments };
        const stopped = adapter.waitForEvent('stopped');
        await adapter.attachToGuest(body);
        await adapter.pauseRequest({ threadId: 1 });
        await stopped;
        assert.equal((await adapter.topFrame()).name, 'main');
        await adapter.disconnectRequest({ terminateDebuggee: false });
        // It goes on, and a debugger can come again.
        const again = (await other.customRequest('unikernel.openGdb')) as { body: AttachArguments };
        assert.equal(again.body.connect, body.connect);
      } finally {
        await adapter.stop();
        await other.stop();
      }
    });
  });
}
