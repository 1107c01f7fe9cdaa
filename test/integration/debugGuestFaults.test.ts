import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { afterEach, before, describe, it } from 'mocha';
import type { LaunchArguments } from '../../src/debug/arguments';
import { findTarget } from '../../src/targets';
import { DebugAdapter, relayedGdb } from './debugAdapter';
import { buildKernel, kernelStatus, type Kernel } from './kernel';
import { descendants, waitUntilGone } from './processes';

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  const { architecture } = findTarget(id)!;

  describe(`a guest on ${id}, debugged under hard conditions,`, function () {
    this.timeout(60_000);
    let kernel: Kernel;
    let spinning: Kernel;
    let adapter: DebugAdapter;
    let output: string;

    before(async () => {
      kernel = await buildKernel(architecture);
      spinning = await buildKernel(architecture, 'SPIN=1');
    });
    afterEach(() => adapter.stop());

    const start = async (environment: NodeJS.ProcessEnv = {}): Promise<void> => {
      output = '';
      adapter = new DebugAdapter(environment);
      await adapter.start();
      adapter.on('output', ({ body }: DebugProtocol.OutputEvent) => (output += body.output));
    };

    const stopAt = (tag: string, args: Partial<LaunchArguments> = {}): Promise<DebugProtocol.StackFrame> =>
      adapter.runTo(tag, () =>
        adapter.launchGuest({ target: id, kernel: kernel.image, ...args }, () => adapter.breakAt([tag])),
      );

    /** Each of them has to show the same journey, whatever gdb's words look like. */
    const journey = async (): Promise<void> => {
      const frame = await stopAt('loop', { gdbPath: relayedGdb });
      assert.equal(await adapter.evaluate('i', frame), '0');
      for (const value of ['1', '2']) {
        assert.equal(await adapter.evaluate('i', await adapter.runTo('loop', () => adapter.continue())), value);
      }
      const { frame: inner } = await adapter.runToStop(() => adapter.stepInRequest({ threadId: 1 }));
      assert.equal(inner.name, 'square');
      await adapter.breakAt([]);
      const exited = adapter.exitStatus();
      await adapter.continue();
      assert.equal(await exited, kernelStatus);
    };

    it('is debugged though gdb prints garbage', async () => {
      await start({ GDB_RELAY: 'garbage' });
      await journey();
    });

    it('is debugged though gdb says many things in one breath', async () => {
      await start({ GDB_RELAY: 'batch' });
      await journey();
    });

    it('may end while the person steps', async () => {
      await start();
      await stopAt('return');
      const processes = [
        ...(await descendants(adapter.pid, 'qemu-system-')),
        ...(await descendants(adapter.pid, 'gdb')),
      ];
      const exited = adapter.exitStatus();
      const terminated = adapter.waitForEvent('terminated');
      const ended = new AbortController();
      adapter.once('exited', () => {
        ended.abort();
      });
      // Out of main there are no lines, so that a step over one leads on to wherever there are: to the end.
      while (!ended.signal.aborted) {
        const stop = adapter.waitForEvent('stopped').catch(() => undefined);
        await adapter.nextRequest({ threadId: 1 });
        await Promise.race([stop, exited]);
      }
      assert.equal(await exited, kernelStatus);
      await terminated;
      await waitUntilGone(processes);
    });

    it('is paused where it loops with interrupts off', async () => {
      await start();
      const launch = () => adapter.launchGuest({ target: id, kernel: spinning.image }, () => adapter.breakAt(['spin']));
      await adapter.runTo('spin', launch);
      await adapter.breakAt([]);
      await adapter.continue();
      const { frame } = await adapter.runToStop(() => adapter.pauseRequest({ threadId: 1 }));
      assert.equal(frame.name, 'main');
      const masked = architecture === 'x86_64' ? '($eflags & 0x200) == 0' : '($cpsr & 0x80) != 0';
      assert.equal(await adapter.evaluate(masked, frame), '1');
    });

    it('is seen to its end where each exception leads to the next', async () => {
      await start();
      const frame = await stopAt('return');
      await adapter.evaluate('> set var $pc = 0x7000000000', frame, 'repl');
      if (architecture === 'x86_64') {
        const exited = adapter.exitStatus();
        const terminated = adapter.waitForEvent('terminated');
        await adapter.continue();
        assert.notEqual(await exited, 0);
        await terminated;
        assert.match(output, /The guest ended: /);
      } else {
        // Nobody counts them on this architecture: it goes from vector to vector for ever.
        await adapter.continue();
        const { frame: vector } = await adapter.runToStop(() => adapter.pauseRequest({ threadId: 1 }));
        assert.match(vector.instructionPointerReference ?? '', /^0x0*200$/);
      }
    });

    it('tells the editor when a command of gdb lets it go on', async () => {
      await start();
      const frame = await stopAt('loop', { kernel: spinning.image });
      const continued = adapter.waitForEvent('continued');
      const { frame: next } = await adapter.runToStop(() => adapter.evaluate('> next', frame, 'repl'));
      await continued;
      assert.equal(next.name, 'count');
      assert.equal(await adapter.evaluate('square(3)', next, 'repl'), '9');
      await adapter.breakAt([]);
      await adapter.evaluate('> c', next, 'repl');
      await assert.rejects(adapter.nextRequest({ threadId: 1 }), /running/);
      await adapter.runToStop(() => adapter.pauseRequest({ threadId: 1 }));
    });
  });
}
