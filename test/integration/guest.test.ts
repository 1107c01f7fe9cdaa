import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'mocha';
import { UnikernelError } from '../../src/errors';
import { Guest, type GuestOptions } from '../../src/qemu/guest';
import { findTarget } from '../../src/targets';
import { buildKernel, kernelStatus } from './kernel';

const signal = new AbortController().signal;

for (const id of ['x86_64-microvm', 'x86_64-q35', 'aarch64-virt']) {
  const target = findTarget(id)!;

  describe(`a guest on ${id}`, function () {
    this.timeout(60_000);
    const guests: Guest[] = [];
    const start = async (definitions: string[] = [], options: Partial<GuestOptions> = {}): Promise<Guest> => {
      const kernel = await buildKernel(target.architecture, ...definitions);
      const guest = await Guest.start(
        {
          machine: target.machine,
          image: kernel.image,
          memory: '64M',
          exitRecord: { address: kernel.exitAddress },
          ...options,
        },
        signal,
      );
      guests.push(guest);
      return guest;
    };
    after(() => Promise.all(guests.map((guest) => guest.dispose())));

    it('prints, ends, and says its exit status', async () => {
      const guest = await start();
      assert.deepEqual(await guest.ended, { status: kernelStatus, reason: 'exited' });
      assert.match(guest.console.backlog.toString(), /hello from the guest\n[^]*bye\n/);
      assert.equal(guest.state, 'ended');
    });

    it('is paused, resumed and powered off', async () => {
      const guest = await start(['SPIN=1']);
      assert.equal(guest.state, 'running');
      await guest.pause();
      assert.equal(guest.state, 'paused');
      await guest.resume();
      assert.equal(guest.state, 'running');
      assert.deepEqual(await guest.powerOff(), { status: 143, reason: 'stopped from outside' });
    });

    it('is reset and then still says its exit status', async () => {
      const guest = await start([], { debug: true });
      await guest.reset();
      await guest.resume();
      assert.equal((await guest.ended).status, kernelStatus);
    });

    it('waits frozen for a debugger, and leaves nothing behind', async () => {
      const guest = await start([], { debug: true });
      assert.equal(guest.state, 'paused');
      const folder = dirname(guest.gdbSocket!);
      assert.ok(existsSync(folder));
      await guest.dispose();
      assert.ok(!existsSync(folder));
      assert.equal(guest.console.backlog.length, 0);
    });

    it('that needs a newer QEMU than there is says so', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'old-qemu-'));
      const script = '#!/bin/sh\n[ "$1" = --version ] && echo "QEMU emulator version 5.2.0" && exit\nexit 1\n';
      await writeFile(join(folder, target.machine.program), script, { mode: 0o755 });
      await assert.rejects(start([], { qemuPath: folder }), { code: 'qemu.tooOld' });
      await rm(folder, { recursive: true });
    });

    it('that QEMU refuses is an error with what QEMU said', async () => {
      await assert.rejects(start([], { additionalArguments: ['-no-such-option'] }), (error) => {
        assert.ok(error instanceof UnikernelError);
        assert.equal(error.code, 'qemu.guestDidNotStart');
        assert.match(error.why, /no-such-option/);
        return true;
      });
    });
  });
}
