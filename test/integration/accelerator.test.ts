import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { locateQemu } from '../../src/qemu/find';
import { probeRom, runProbe } from '../../src/qemu/probe';
import { findTarget } from '../../src/targets';

const signal = new AbortController().signal;

for (const id of ['x86_64-microvm', 'x86_64-q35']) {
  const { machine } = findTarget(id)!;

  describe(`the accelerator's probe on ${id}`, () => {
    let qemu: string;
    let folder: string;
    before(async () => {
      qemu = locateQemu(machine.program, undefined);
      folder = await mkdtemp(join(tmpdir(), 'probe-'));
    });
    after(() => rm(folder, { recursive: true }));

    const run = async (rom: Buffer, ...accelerator: string[]): Promise<string | undefined> => {
      const file = join(folder, 'rom');
      await writeFile(file, rom);
      return runProbe(qemu, [...machine.arguments, ...accelerator], file, signal);
    };

    it('says nothing where a guest runs', async () => {
      assert.equal(await run(probeRom(), '-accel', 'tcg'), undefined);
    });

    it('says what QEMU says where it refuses', async () => {
      assert.match((await run(probeRom(), '-accel', 'none-such')) ?? '', /none-such/);
    });

    it('does not take a processor that fails at the first exception for one that works', async () => {
      const rom = probeRom();
      // Without a gate for it the exception ends in a triple fault.
      rom.fill(0, 0xff6e, 0xff76);
      assert.equal(await run(rom, '-accel', 'tcg'), 'a guest does not run with it');
    });
  });
}
