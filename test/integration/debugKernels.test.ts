import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { LaunchArguments } from '../../src/debug/arguments';
import type { Architecture } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { kernelStatus, lineOf } from './kernel';
import { linkKernel, objcopy, places } from './kernels';

for (const architecture of ['x86_64', 'aarch64'] satisfies Architecture[]) {
  describe(`debugging any kernel for ${architecture}`, function () {
    this.timeout(60_000);
    const { low, higherHalf, relocated } = places[architecture];
    const other = architecture === 'x86_64' ? 'aarch64-virt' : 'x86_64-q35';
    let folder: string;
    let plain: string;
    let adapter: DebugAdapter;
    const file = (name: string): string => join(folder, name);

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'kernels-'));
      plain = await linkKernel(architecture, file('plain'), low);
    });
    after(() => rm(folder, { recursive: true }));
    beforeEach(async () => {
      adapter = await DebugAdapter.start();
    });
    afterEach(() => adapter.stop());

    /** Stops in a function that is called deep inside, from a breakpoint that was set at reset, and runs to the end. */
    const debugToTheEnd = async (args: Partial<LaunchArguments>): Promise<string | undefined> => {
      const targets: string[] = [];
      adapter.on('unikernel.guest', ({ body }: { body: { target: string } }) => targets.push(body.target));
      const frame = await adapter.runTo('square', () =>
        adapter.launchGuest(args, async () => {
          assert.deepEqual(
            (await adapter.breakAt(['square'], { condition: 'number == 3' })).map(({ verified, line }) => ({
              verified,
              line,
            })),
            [{ verified: true, line: lineOf('square') }],
          );
        }),
      );
      assert.equal(await adapter.evaluate('number', frame), '3');
      const { stackFrames } = (await adapter.stackTraceRequest({ threadId: 1 })).body;
      assert.deepEqual(
        stackFrames.slice(0, 3).map(({ name }) => name),
        ['square', 'count', 'main'],
      );
      assert.equal(await adapter.evaluate('i', stackFrames[1]!), '3');
      assert.equal(await adapter.evaluate('total', frame), '5');
      const exited = adapter.exitStatus();
      await adapter.continue();
      assert.equal(await exited, kernelStatus);
      return targets[0];
    };

    const refusal = async (args: Partial<LaunchArguments>, why: RegExp): Promise<void> => {
      await adapter.initializeRequest();
      await assert.rejects(adapter.launchRequest(args), why);
    };

    it('an ELF says what it runs on', async () => {
      const target = await debugToTheEnd({ kernel: plain });
      assert.equal(target, architecture === 'x86_64' ? 'x86_64-microvm' : 'aarch64-virt');
    });

    it('in the higher half: a function breakpoint from reset hits behind the prologue', async () => {
      const kernel = await linkKernel(architecture, file('high'), higherHalf);
      const functions = [{ name: 'square', condition: 'number == 4' }];
      const frame = await adapter.runTo('square', () =>
        adapter.launchGuest({ kernel }, () => adapter.setFunctionBreakpointsRequest({ breakpoints: functions })),
      );
      assert.equal(await adapter.evaluate('number', frame), '4');
      assert.ok(BigInt(frame.instructionPointerReference!) > higherHalf.virtual);
    });

    it('in the higher half, described by a file of its own', async () => {
      const kernel = await linkKernel(architecture, file('high'), higherHalf);
      const symbols = await objcopy(architecture, '--only-keep-debug', kernel, file('high.debug'));
      await objcopy(architecture, '--strip-all', kernel, file('high.stripped'));
      const functions = [{ name: 'square', condition: 'number == 4' }];
      const frame = await adapter.runTo('square', () =>
        adapter.launchGuest({ kernel: file('high.stripped'), symbols }, () =>
          adapter.setFunctionBreakpointsRequest({ breakpoints: functions }),
        ),
      );
      assert.equal(await adapter.evaluate('number', frame), '4');
    });

    it('position-independent, at an offset from where it was linked', async () => {
      const kernel = await linkKernel(architecture, file('relocated'), relocated);
      await debugToTheEnd({ kernel, loadOffset: `0x${relocated.physical.toString(16)}` });
    });

    it('optimised and without frame pointers', async () => {
      const flags = ['-O2', '-fomit-frame-pointer', '-fno-inline'];
      const kernel = await linkKernel(architecture, file('fast'), low, flags);
      const functions = [{ name: 'square', condition: 'number == 3' }];
      const { frame } = await adapter.runToStop(() =>
        adapter.launchGuest({ kernel }, () => adapter.setFunctionBreakpointsRequest({ breakpoints: functions })),
      );
      const { stackFrames } = (await adapter.stackTraceRequest({ threadId: 1 })).body;
      assert.deepEqual(
        stackFrames.slice(0, 3).map(({ name }) => name),
        ['square', 'count', 'main'],
      );
      assert.equal(await adapter.evaluate('number', frame), '3');
    });

    it('stripped, with a debug link', async () => {
      await objcopy(architecture, '--only-keep-debug', plain, file('plain.debug'));
      const link = `--add-gnu-debuglink=${file('plain.debug')}`;
      const kernel = await objcopy(architecture, '--strip-all', link, plain, file('linked'));
      const frame = await adapter.runTo('square', () =>
        adapter.launchGuest({ kernel }, () => adapter.breakAt(['square'])),
      );
      assert.equal(await adapter.evaluate('number', frame), '0');
    });

    it('stripped, with explicit symbols', async () => {
      const symbols = await objcopy(architecture, '--only-keep-debug', plain, file('plain.debug'));
      await debugToTheEnd({ kernel: await objcopy(architecture, '--strip-all', plain, file('stripped')), symbols });
    });

    it('with the symbols of what else runs in it', async () => {
      const flags = ['-Dsquare=otherSquare', '-Dmain=otherMain'];
      const elsewhere = { physical: low.physical + 0x1000000n, virtual: low.virtual + 0x1000000n };
      const guest = await linkKernel(architecture, file('other'), elsewhere, flags);
      const frame = await adapter.runTo('hello', () =>
        adapter.launchGuest({ kernel: plain, symbols: [plain, guest] }, () => adapter.breakAt(['hello'])),
      );
      const address = await adapter.evaluate('(long)&otherSquare', frame);
      assert.ok(BigInt(address) > elsewhere.virtual, address);
    });

    it('that the arguments of QEMU boot, on the machine that is named', async () => {
      const machine = { type: architecture === 'x86_64' ? 'pc' : 'virt,gic-version=3', smp: 1 };
      await debugToTheEnd({ symbols: plain, machine, qemuArgs: ['-kernel', plain] });
    });

    it('runs the commands of the person, and shows the one that gdb refuses', async () => {
      const gdbCommands = ['set $mark = 40', 'set $mark = $mark + 2'];
      const frame = await adapter.runTo('hello', () =>
        adapter.launchGuest({ kernel: plain, gdbCommands }, () => adapter.breakAt(['hello'])),
      );
      assert.equal(await adapter.evaluate('$mark', frame), '42');
      await adapter.stop();
      adapter = await DebugAdapter.start();
      await refusal({ kernel: plain, gdbCommands: ['nonsense 1'] }, /gdb refused "nonsense 1".*Undefined command/s);
    });

    it('is refused where it does not fit', async () => {
      await refusal({ kernel: plain, target: other }, new RegExp(`plain does not run on ${other}`));
      await refusal({ kernel: plain, symbols: __filename }, /not a 64-bit ELF/);
      await refusal({ kernel: plain, machine: 7 as never }, /"machine": must be a machine of QEMU/);
      await refusal({ kernel: plain, loadOffset: 'far' }, /"loadOffset": must be a number of bytes/);
    });
  });
}

describe('debugging kernels of other forms', function () {
  this.timeout(60_000);
  let folder: string;
  let adapter: DebugAdapter;
  const file = (name: string): string => join(folder, name);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kernels-'));
  });
  after(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    adapter = await DebugAdapter.start();
  });
  afterEach(() => adapter.stop());

  const stopsInSquare = async (args: Partial<LaunchArguments>): Promise<string> => {
    const announced = adapter.waitForEvent('unikernel.guest');
    const frame = await adapter.runTo('square', () => adapter.launchGuest(args, () => adapter.breakAt(['square'])));
    assert.equal(await adapter.evaluate('number', frame), '0');
    return ((await announced).body as { target: string }).target;
  };

  it('a 32-bit multiboot image with 64-bit symbols', async () => {
    const symbols = await linkKernel('x86_64', file('multiboot'), places.x86_64.low, ['-DMULTIBOOT']);
    const kernel = await objcopy('x86_64', '-O', 'elf32-i386', symbols, file('multiboot32'));
    await adapter.initializeRequest();
    const launch = (args: object) => adapter.launchRequest(args);
    await assert.rejects(launch({ kernel: symbols }), /QEMU boots multiboot kernels only from 32-bit ones/);
    await assert.rejects(launch({ kernel }), /multiboot32 cannot be used.*64-bit ELF/s);
    assert.equal(await stopsInSquare({ kernel, symbols }), 'x86_64-q35');
  });

  it('a raw Linux-style image, with and without an offset', async () => {
    for (const place of [places.aarch64.low, places.aarch64.relocated]) {
      const symbols = await linkKernel('aarch64', file('image.elf'), place);
      const kernel = await objcopy('aarch64', '-O', 'binary', symbols, file('Image'));
      const loadOffset = `${place.physical - place.virtual}`;
      const offset = place.physical === place.virtual ? {} : { loadOffset };
      assert.equal(await stopsInSquare({ kernel, symbols, ...offset }), 'aarch64-virt');
      await adapter.stop();
      adapter = await DebugAdapter.start();
    }
  });

  it('an ELF that QEMU has no way to boot', async () => {
    const elf = await linkKernel('x86_64', file('plain'), places.x86_64.low);
    const kernel = await objcopy('x86_64', '--remove-section=.note.pvh', elf, file('unbootable'));
    await adapter.initializeRequest();
    await assert.rejects(
      adapter.launchRequest({ kernel } as DebugProtocol.LaunchRequestArguments),
      /neither a multiboot header nor a PVH note/,
    );
  });
});
