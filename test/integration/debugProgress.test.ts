import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { afterEach, before, describe, it } from 'mocha';
import { findTarget } from '../../src/targets';
import { DebugAdapter, relayedGdb } from './debugAdapter';
import { buildKernel, type Kernel } from './kernel';
import { descendants, waitUntilGone } from './processes';

const launching = 'Starting QEMU and loading the symbols';

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  const { architecture } = findTarget(id)!;

  describe(`what takes long on ${id}`, function () {
    this.timeout(60_000);
    let spinning: Kernel;
    let adapter: DebugAdapter;
    let progress: string[];

    before(async () => {
      spinning = await buildKernel(architecture, 'SPIN=1');
    });
    afterEach(() => adapter.stop());

    const start = async (environment: NodeJS.ProcessEnv = {}): Promise<void> => {
      progress = [];
      adapter = new DebugAdapter(environment);
      await adapter.start();
      adapter.on('progressStart', ({ body }: DebugProtocol.ProgressStartEvent) => progress.push(body.title));
      adapter.on('progressEnd', () => progress.push('end'));
    };

    const progressStarts = (title: string): Promise<DebugProtocol.ProgressStartEvent['body']> =>
      new Promise((resolve) => {
        adapter.on('progressStart', ({ body }: DebugProtocol.ProgressStartEvent) => {
          if (body.title === title) resolve(body);
        });
      });

    /** Presses the button beside what is shown. */
    const cancelProgress = async (title: string): Promise<void> => {
      const { progressId, cancellable } = await progressStarts(title);
      assert.equal(cancellable, true);
      await adapter.customRequest('cancel', { progressId });
    };

    it('is shown', async () => {
      await start({ GDB_RELAY: 'slow' });
      await adapter.launchGuest({ target: id, kernel: spinning.image, gdbPath: relayedGdb });
      assert.deepEqual(progress, [launching, 'end']);
    });

    it('is not shown to a client that does not know how', async () => {
      await start({ GDB_RELAY: 'slow' });
      await adapter.initializeRequest();
      await adapter.launchRequest({
        ...{ target: id, kernel: spinning.image, gdbPath: relayedGdb },
      } as DebugProtocol.LaunchRequestArguments);
      assert.deepEqual(progress, []);
    });

    it('is cancelled, and nothing is left of a launch', async () => {
      await start({ GDB_RELAY: 'slow' });
      const launched = adapter.launchGuest({ target: id, kernel: spinning.image, gdbPath: relayedGdb });
      const [, processes] = await Promise.all([
        assert.rejects(launched, { message: 'cancelled' }),
        progressStarts(launching).then(async ({ progressId, requestId }) => {
          // The relay is a program in Node.
          const names = ['qemu-system-', 'node', 'gdb'];
          const started = (await Promise.all(names.map((name) => descendants(adapter.pid, name)))).flat();
          assert.equal(requestId, 2);
          await adapter.customRequest('cancel', { progressId });
          return started;
        }),
      ]);
      assert.ok(processes.length > 1);
      await waitUntilGone(processes);
      assert.deepEqual(progress, [launching, 'end']);
    });

    it('is a boot that does not come to main: cancelled, the guest stops where it is', async () => {
      await start();
      const { frame } = await adapter.runToStop(async () => {
        const cancelled = cancelProgress('Booting to main');
        await adapter.launchGuest({ target: id, kernel: spinning.image, stopOnEntry: true }, () =>
          adapter.evaluateRequest({
            context: 'repl',
            expression:
              architecture === 'x86_64'
                ? '> set var *(unsigned short *)&start = 0xfeeb'
                : '> set var *(unsigned *)&start = 0x14000000',
          }),
        );
        await cancelled;
      });
      assert.equal(frame.name, 'start');
      assert.deepEqual(progress.slice(-2), ['Booting to main', 'end']);
    });

    it('is a pause that QEMU does not carry out: cancelled, it may be asked for again', async () => {
      await start();
      await adapter.launchGuest({ target: id, kernel: spinning.image });
      const [qemu = 0] = await descendants(adapter.pid, 'qemu-system-');
      process.kill(qemu, 'SIGSTOP');
      await Promise.all([
        assert.rejects(adapter.pauseRequest({ threadId: 1 }), { message: 'cancelled' }),
        cancelProgress('Waiting for the guest to stop'),
      ]);
      await adapter.runToStop(async () => {
        process.kill(qemu, 'SIGCONT');
        await adapter.pauseRequest({ threadId: 1 });
      });
      assert.deepEqual(progress.slice(-2), ['Waiting for the guest to stop', 'end']);
    });

    it('is a snapshot, which cannot be cancelled', async () => {
      await start();
      await adapter.launchGuest({ target: id, kernel: spinning.image });
      await adapter.runToStop(() => adapter.pauseRequest({ threadId: 1 }));
      const [qemu = 0] = await descendants(adapter.pid, 'qemu-system-');
      for (const [command, title] of [
        ['unikernel.saveSnapshot', 'Saving the snapshot'],
        ['unikernel.restoreSnapshot', 'Restoring the snapshot'],
      ] as const) {
        process.kill(qemu, 'SIGSTOP');
        const shown = progressStarts(title);
        const done = adapter.ask(command, { name: 'one' });
        assert.equal((await shown).cancellable, false);
        process.kill(qemu, 'SIGCONT');
        await done;
        assert.deepEqual(progress.slice(-2), [title, 'end']);
      }
    });

    it('is cancelled by the number of the request; one that is not open is left alone', async () => {
      await start();
      await adapter.launchGuest({ target: id, kernel: spinning.image });
      const [gdb = 0] = await descendants(adapter.pid, 'gdb');
      process.kill(gdb, 'SIGSTOP');
      const sent: number[] = [];
      const evaluated = adapter.evaluateRequest({ expression: 'spin', context: 'watch' });
      sent.push(...adapter.wire.unanswered.keys());
      await Promise.all([
        assert.rejects(evaluated, { message: 'cancelled' }),
        ...sent.map((requestId) => adapter.customRequest('cancel', { requestId })),
        adapter.customRequest('cancel', { requestId: 424242 }),
        adapter.customRequest('cancel', { progressId: 'none' }),
      ]);
      assert.equal(sent.length, 1);
      process.kill(gdb, 'SIGCONT');
      await adapter.runToStop(() => adapter.pauseRequest({ threadId: 1 }));
    });

    it('is not cancelled where the guest goes on: the client has to know that it does', async () => {
      await start();
      await adapter.launchGuest({ target: id, kernel: spinning.image });
      await adapter.runToStop(() => adapter.pauseRequest({ threadId: 1 }));
      const [gdb = 0] = await descendants(adapter.pid, 'gdb');
      process.kill(gdb, 'SIGSTOP');
      const known = new Set(adapter.wire.unanswered.keys());
      const continued = adapter.continueRequest({ threadId: 1 });
      const sent = [...adapter.wire.unanswered.keys()].filter((requestId) => !known.has(requestId));
      assert.equal(sent.length, 1);
      await adapter.customRequest('cancel', { requestId: sent[0] });
      process.kill(gdb, 'SIGCONT');
      await continued;
      await adapter.runToStop(() => adapter.pauseRequest({ threadId: 1 }));
    });

    // Half a minute, which no architecture changes.
    if (architecture === 'x86_64') {
      it('is told, after 30 s, to who waits for it to be done', async () => {
        await start();
        await adapter.launchGuest({ target: id, kernel: spinning.image });
        await adapter.runToStop(() => adapter.pauseRequest({ threadId: 1 }));
        const [qemu = 0] = await descendants(adapter.pid, 'qemu-system-');
        process.kill(qemu, 'SIGSTOP');
        const saved = adapter.ask('unikernel.saveSnapshot', { name: 'long' });
        await assert.rejects(adapter.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'square' }] }), {
          message: /The guest is busy\..*This waited 30 s for what was asked for before: saving the snapshot "long"/s,
        });
        process.kill(qemu, 'SIGCONT');
        await saved;
      });
    }
  });
}
