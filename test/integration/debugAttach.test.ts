import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { Guest, type GuestState } from '../../src/qemu/guest';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, lineOf, type Kernel } from './kernel';
import { descendants, waitUntilGone } from './processes';

/** A port of loopback that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

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

    /** QEMU tells of a stop a little after gdb does. */
    const becomes = (state: GuestState): Promise<void> =>
      new Promise((resolve) => {
        if (guest.state === state) resolve();
        guest.onState((reached) => {
          if (reached === state) resolve();
        });
      });

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

    it('to host:port ends with the reason when the connection breaks', async () => {
      const port = await freePort();
      await boot(`tcp:127.0.0.1:${port}`);
      const connections: Socket[] = [];
      const proxy = createServer((client) => {
        const stub = connect(port, '127.0.0.1');
        connections.push(client, stub);
        for (const each of [client, stub]) each.on('error', () => undefined);
        client.pipe(stub).pipe(client);
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      let output = '';
      adapter.on('output', ({ body }: DebugProtocol.OutputEvent) => (output += body.output));
      await debugTheSpin(`127.0.0.1:${(proxy.address() as AddressInfo).port}`);
      await adapter.breakAt([]);
      await adapter.continue();
      const terminated = adapter.waitForEvent('terminated');
      for (const each of connections) each.destroy();
      await terminated;
      assert.match(output, /closed the connection to gdb/);
      await new Promise((resolve) => proxy.close(resolve));
    });

    it('is over at once though gdb hangs', async () => {
      const socket = join(folder, 'gdb');
      await boot(`unix:${socket},server=on,wait=off`);
      await adapter.attachToGuest({ connect: socket, target: id, symbols: spinning.image });
      const gdb = await descendants(adapter.pid, 'gdb');
      for (const pid of gdb) process.kill(pid, 'SIGSTOP');
      const start = performance.now();
      await adapter.disconnectRequest();
      assert.ok(performance.now() - start < 2500, `it took ${performance.now() - start} ms`);
      await waitUntilGone(gdb);
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
