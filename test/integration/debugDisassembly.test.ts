import type { DebugProtocol } from '@vscode/debugprotocol';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { promisify } from 'node:util';
import { readElf, type Elf } from '../../src/image/elf';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, kernelSource, lineOf, type Kernel } from './kernel';

type Instruction = DebugProtocol.DisassembledInstruction;

/** An instruction as tests compare it. */
interface Shown {
  readonly address: bigint;
  readonly length: number;
  readonly text: string;
  readonly symbol: string | undefined;
}

function show({ address, instructionBytes, instruction, symbol }: Instruction): Shown {
  const length = instructionBytes?.split(' ').length ?? 0;
  return { address: BigInt(address), length, text: instruction.replaceAll(/\s+/g, ' '), symbol };
}

async function ask(adapter: DebugAdapter, args: DebugProtocol.DisassembleArguments): Promise<Instruction[]> {
  return (await adapter.ask('disassemble', args)).instructions;
}

function assertContiguous(shown: readonly Shown[]): void {
  for (const [index, { address }] of shown.slice(1).entries()) {
    const before = shown[index]!;
    assert.equal(address, before.address + BigInt(before.length), `after ${JSON.stringify(before.text)}`);
  }
}

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  const { architecture } = findTarget(id)!;

  describe(`disassembly on ${id}`, function () {
    this.timeout(60_000);
    let kernel: Kernel;
    let elf: Elf;
    let adapter: DebugAdapter;

    before(async () => {
      kernel = await buildKernel(architecture);
      elf = await readElf(kernel.image);
    });
    beforeEach(async () => {
      adapter = await DebugAdapter.start();
      adapter.defaultTimeout = 20_000;
    });
    afterEach(() => adapter.stop());

    const stop = async (): Promise<string> => {
      const frame = await adapter.runTo('return', () =>
        adapter.launchGuest({ target: id, kernel: kernel.image }, () => adapter.breakAt(['return'])),
      );
      return frame.instructionPointerReference!;
    };
    const text = (): { start: bigint; end: bigint } => {
      const section = elf.sections.find(({ name }) => name === '.text')!;
      return { start: section.address, end: section.address + BigInt(section.bytes) };
    };

    it('says to which function and line instructions belong, the file only where it changes', async () => {
      const memoryReference = await stop();
      const found = await ask(adapter, { memoryReference, instructionOffset: -10, instructionCount: 12 });
      assert.deepEqual(found[0]?.location, { name: 'main.c', path: kernelSource });
      assert.ok(found.slice(1).every(({ location }) => location === undefined));
      const here = found[10]!;
      assert.equal(BigInt(here.address), BigInt(memoryReference));
      assert.equal(here.line, lineOf('return'));
      assert.equal(here.endLine, here.line);
      assert.match(here.symbol ?? '', /^main\+\d+$/);
      assert.equal(found.find(({ line }) => line === lineOf('bye'))?.symbol?.startsWith('main+'), true);
    });

    it('is the same from wherever it is asked for', async () => {
      await stop();
      const { start, end } = text();
      const every = (
        await ask(adapter, { memoryReference: start.toString(), instructionOffset: 0, instructionCount: 400 })
      )
        .map(show)
        .filter(({ address }) => address < end);
      const byAddress = new Map(every.map((each) => [each.address, each]));
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...every),
          fc.integer({ min: -150, max: 150 }),
          fc.integer({ min: 1, max: 150 }),
          async ({ address }, instructionOffset, instructionCount) => {
            const memoryReference = address.toString();
            const shown = (await ask(adapter, { memoryReference, instructionOffset, instructionCount })).map(show);
            assert.equal(shown.length, instructionCount);
            assertContiguous(shown);
            assert.equal(shown[-instructionOffset]?.address ?? address, address);
            const inText = shown.filter((each) => each.address >= start && each.address < end);
            assert.deepEqual(
              inText,
              inText.map((each) => byAddress.get(each.address)),
            );
          },
        ),
        { numRuns: 40, seed: 7 },
      );
    });

    it('shows what is amid an instruction as bytes before it', async () => {
      const memoryReference = await stop();
      const { address, length } = (
        await ask(adapter, { memoryReference, instructionOffset: -30, instructionCount: 30 })
      )
        .map(show)
        .find((each) => each.length > 2)!;
      const [before] = await ask(adapter, {
        ...{ memoryReference: address.toString(), offset: length - 1, instructionOffset: -1, instructionCount: 1 },
      });
      assert.equal(
        BigInt(before!.address) + BigInt(before!.instructionBytes!.split(' ').length),
        address + BigInt(length - 1),
      );
    });

    it('counts exactly where there is no memory', async () => {
      await stop();
      const edge = architecture === 'x86_64' ? 128n << 20n : 1n << 30n;
      const size = architecture === 'x86_64' ? 1n : 4n;
      const around = await ask(adapter, {
        ...{ memoryReference: edge.toString(), instructionOffset: -20, instructionCount: 40 },
      });
      assert.equal(around.length, 40);
      assert.equal(BigInt(around[20]!.address), edge);
      const isThere = around.map(({ presentationHint }) => presentationHint !== 'invalid');
      const isBelow = architecture === 'x86_64';
      assert.deepEqual(
        isThere,
        Array.from({ length: 40 }, (_, index) => index < 20 === isBelow),
      );
      for (const [index, { address }] of around.entries()) {
        if (!isThere[index]) assert.equal(BigInt(address), edge + BigInt(index - 20) * size);
      }
      const top = await ask(adapter, { memoryReference: '0xfffffffffffffffe', instructionCount: 10 });
      assert.equal(top.length, 10);
      assert.ok(top.every(({ presentationHint }) => presentationHint === 'invalid'));
      const bottom = await ask(adapter, { memoryReference: '0x8', instructionOffset: -100, instructionCount: 100 });
      assert.equal(bottom.length, 100);
      const forTheWhole = await ask(adapter, { memoryReference: '0x8', instructionOffset: -100, instructionCount: 0 });
      assert.deepEqual(forTheWhole, []);
    });
  });
}

describe('disassembly of x86 boot code', function () {
  this.timeout(60_000);
  let folder: string;
  let image: string;
  let elf: Elf;
  let adapter: DebugAdapter;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modes-'));
    image = join(folder, 'modes.elf');
    await promisify(execFile)('gcc', [
      ...['-g', '-m64', '-static', '-nostdlib', '-no-pie', '-Wl,-Ttext-segment=0x100000', '-Wl,-z,noseparate-code'],
      ...['-Wl,-e,start', '-Wl,--build-id=none', resolve(__dirname, '../fixtures/modes/modes.S'), '-o', image],
    ]);
    elf = await readElf(image);
  });
  after(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    adapter = await DebugAdapter.start();
    adapter.defaultTimeout = 20_000;
  });
  afterEach(() => adapter.stop());

  /** Runs until the CPU is at the symbol, and answers the instructions from there on. */
  const textAt = async (symbol: string, instructionCount: number, instructionOffset = 0): Promise<string[]> => {
    const instructionReference = `0x${elf.findSymbol(symbol)!.address.toString(16)}`;
    const { frame } = await adapter.runToStop(() =>
      adapter.launchGuest({ target: 'x86_64-microvm', kernel: image }, () =>
        adapter.ask('setInstructionBreakpoints', { breakpoints: [{ instructionReference }] }),
      ),
    );
    const memoryReference = frame.instructionPointerReference!;
    const found = await ask(adapter, { memoryReference, instructionOffset, instructionCount });
    const [first] = found.slice(-instructionOffset);
    assert.equal(BigInt(first!.address), BigInt(instructionReference));
    assert.equal(first!.symbol, symbol);
    return found.map((each) => show(each).text);
  };

  it('reads code of 32 bits', async () => {
    const [level4, level3, number] = await textAt('start', 3);
    assert.match(level4!, /^movl \$0x\w+, 0x\w+$/);
    assert.match(level3!, /^movl \$0x83, 0x\w+$/);
    assert.equal(number, 'movl $0x12345678, %eax');
  });

  it('reads code of 16 bits', async () => {
    assert.deepEqual(await textAt('sixteen_bits', 4), [
      'movw $0x1234, %ax',
      'movl $0x12345678, %ebx',
      'addw $0x1111, %ax',
      'xorw %cx, %cx',
    ]);
  });

  it('reads code of 64 bits, and cuts what comes before where the function begins', async () => {
    const [before, ...from] = await textAt('sixty_four_bits', 3, -1);
    assert.match(before!, /^\.byte .*0xb8$/);
    assert.deepEqual(from, ['movabs $0x123456789abcdef0,%rax', 'xor %ebp,%ebp']);
  });

  it('reads real-mode code in its segment', async () => {
    // Where the firmware goes with its first jump, in the segment that the CPU begins in: its base is 0xffff0000.
    const firmware = '0xffffff82';
    const { frame } = await adapter.runToStop(() =>
      adapter.launchGuest({ target: 'x86_64-microvm', kernel: image }, () =>
        adapter.ask('setInstructionBreakpoints', { breakpoints: [{ instructionReference: firmware }] }),
      ),
    );
    const memoryReference = frame.instructionPointerReference!;
    assert.equal(BigInt(memoryReference), BigInt(firmware) & 0xffffn);
    const [first] = await ask(adapter, { memoryReference, instructionCount: 1 });
    assert.equal(BigInt(first!.address), BigInt(firmware) & 0xffffn);
    const args = { memoryReference: firmware, count: show(first!).length };
    const { data } = await adapter.ask('readMemory', args);
    const bytes = Buffer.from(data!, 'base64').toString('hex');
    assert.equal(first!.instructionBytes!.replaceAll(' ', ''), bytes);
  });
});
