import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { messageOf } from '../../src/errors';
import { QmpClient } from '../../src/qemu/qmp';
import { findTarget } from '../../src/targets';
import { DebugAdapter, relayedGdb } from './debugAdapter';
import { buildKernel, kernelSource, lineOf, type Kernel } from './kernel';
import { descendants, waitUntilGone } from './processes';

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  describe(`a debug session on ${id} that breaks`, function () {
    this.timeout(60_000);
    let folder: string;
    let spinning: Kernel;
    let adapter: DebugAdapter;
    let output: string;
    let qemu: number;
    let gdb: number;

    /** Ends the session in so many milliseconds, whatever hangs. */
    const endsAtOnce = async (ask: () => Promise<unknown>): Promise<void> => {
      const start = performance.now();
      await ask();
      assert.ok(performance.now() - start < 2000, `it took ${performance.now() - start} ms`);
      await waitUntilGone([qemu, gdb]);
    };

    /** A command for a monitor of QEMU that the adapter does not know of. */
    const monitor = async (command: string): Promise<void> => {
      const client = await QmpClient.connect(join(folder, 'monitor'), () => undefined, AbortSignal.timeout(5000));
      await client.execute('human-monitor-command', { 'command-line': command });
      client.close();
    };

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'faults-'));
      spinning = await buildKernel(findTarget(id)!.architecture, 'SPIN=1');
    });
    after(() => rm(folder, { recursive: true }));
    beforeEach(async () => {
      output = '';
      adapter = await DebugAdapter.start();
      adapter.on('output', ({ body }: DebugProtocol.OutputEvent) => (output += body.output));
      const qemuArgs = ['-qmp', `unix:${join(folder, 'monitor')},server=on,wait=off`];
      await adapter.launchGuest({ target: id, kernel: spinning.image, qemuArgs });
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

    it('answers everything when gdb hangs, with what it waited for, and ends at once', async () => {
      process.kill(gdb, 'SIGSTOP');
      const asked = {
        pause: { threadId: 1 },
        stackTrace: { threadId: 1 },
        setBreakpoints: { source: { path: kernelSource }, breakpoints: [{ line: lineOf('bye') }] },
        setFunctionBreakpoints: { breakpoints: [{ name: 'main' }] },
        evaluate: { expression: 'spin', context: 'repl' },
        readMemory: { memoryReference: '0x100000', count: 16 },
        disassemble: { memoryReference: '0x100000', instructionCount: 2 },
      };
      const start = performance.now();
      for (const refused of await Promise.all(
        Object.entries(asked).map(([command, args]) =>
          adapter.customRequest(command, args).then(
            // Breakpoints that gdb does not take are shown with the reason.
            ({ body }) => `${command} ${JSON.stringify(body)}`,
            (error: unknown) => messageOf(error),
          ),
        ),
      )) {
        assert.match(refused, /gdb does not answer\.(\nNo answer to "-[a-z-]+.*" within \d+ ms|")/);
      }
      assert.ok(performance.now() - start < 20_000, 'it waited for one after the other');
      await endsAtOnce(() => adapter.terminateRequest());
    });

    it('answers when QEMU hangs, with what it waited for, and ends at once', async () => {
      process.kill(qemu, 'SIGSTOP');
      await assert.rejects(adapter.pauseRequest({ threadId: 1 }), /The guest does not stop\.\nIt was interrupted for/);
      await endsAtOnce(() => adapter.disconnectRequest());
    });

    it('ends with the reason when QEMU no longer speaks to gdb', async () => {
      const terminated = adapter.waitForEvent('terminated');
      await monitor('gdbserver none');
      await terminated;
      assert.match(output, /gdb lost the guest/);
      await waitUntilGone([qemu, gdb]);
    });
  });

  describe(`pausing on ${id}`, function () {
    this.timeout(60_000);
    let spinning: Kernel;
    let adapter: DebugAdapter;
    let folder: string;
    let isRelayed: boolean;

    before(async () => {
      spinning = await buildKernel(findTarget(id)!.architecture, 'SPIN=1');
      folder = await mkdtemp(join(tmpdir(), 'pausing-'));
    });
    after(() => rm(folder, { recursive: true }));

    const start = async (how: string): Promise<void> => {
      isRelayed = how !== '';
      adapter = new DebugAdapter({ GDB_RELAY: how });
      await adapter.start();
      const gdbPath = isRelayed ? { gdbPath: relayedGdb } : {};
      await adapter.launchGuest({ target: id, kernel: spinning.image, ...gdbPath }, () => adapter.breakAt(['bye']));
    };

    /** Ends the session while gdb stands still; it must go, and QEMU, whatever gdb does. */
    const endAtOnce = async (): Promise<void> => {
      const processes = await Promise.all(['qemu-system-', 'gdb'].map((name) => descendants(adapter.pid, name)));
      const begin = performance.now();
      await adapter.disconnectRequest();
      assert.ok(performance.now() - begin < 2000, `it took ${performance.now() - begin} ms`);
      // The relay is gone, and what it ran stands still.
      if (isRelayed) for (const gdb of processes[1]!) process.kill(gdb, 'SIGKILL');
      await waitUntilGone(processes.flat());
      await adapter.stop();
    };

    const pauseWithin = async (limit: number): Promise<void> => {
      const begin = performance.now();
      const stopped = adapter.waitForEvent('stopped');
      await adapter.pauseRequest({ threadId: 1 });
      await stopped;
      assert.ok(performance.now() - begin < limit, `it took ${performance.now() - begin} ms`);
    };

    const set = { source: { path: kernelSource }, breakpoints: [{ line: lineOf('hello') }] };

    it('does not wait for an edit in which gdb hangs', async () => {
      await start('hang 1 --function square');
      const edit = assert.rejects(
        adapter.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'square' }] }).then(({ body }) => {
          throw new Error(body.breakpoints[0]?.message);
        }),
        /gdb does not answer/,
      );
      await delay(700);
      await pauseWithin(1000);
      await edit;
      await endAtOnce();
    });

    it('says that gdb hangs, which does so after a snapshot', async () => {
      await start('hang 2 -exec-continue');
      await assert.rejects(
        adapter.ask('unikernel.saveSnapshot', { name: 'one' }),
        /gdb does not answer.*exec-continue/s,
      );
      const begin = performance.now();
      await assert.rejects(adapter.pauseRequest({ threadId: 1 }), /gdb does not answer.*exec-interrupt/s);
      assert.ok(performance.now() - begin < 5000);
      await endAtOnce();
    });

    it("reaches a command of the person's own that runs the guest", async () => {
      await start('');
      const script = join(folder, 'commands');
      await writeFile(script, 'define away\n  continue\nend\n');
      await pauseWithin(3000);
      const frameId = (await adapter.topFrame()).id;
      const type = (expression: string) => adapter.evaluateRequest({ expression, frameId, context: 'repl' });
      await type(`> source ${script}`);
      const continued = adapter.waitForEvent('continued');
      await type('> away');
      await continued;
      await pauseWithin(3000);
      assert.equal((await adapter.topFrame()).name, 'main');
      // What is set while gdb does not read is set all the same, unseen.
      const again = adapter.waitForEvent('continued');
      await type('> away');
      await again;
      assert.equal((await adapter.setBreakpointsRequest(set)).body.breakpoints[0]?.verified, true);
      await pauseWithin(3000);
      const next = adapter.waitForEvent('stopped');
      await adapter.nextRequest({ threadId: 1 });
      await next;
      await type('> away');
      await endAtOnce();
    });
  });
}
