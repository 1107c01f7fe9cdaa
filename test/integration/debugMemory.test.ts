import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, type Kernel } from './kernel';

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  const { architecture } = findTarget(id)!;

  describe(`memory on ${id}`, function () {
    this.timeout(60_000);
    let kernel: Kernel;
    let adapter: DebugAdapter;

    before(async () => {
      kernel = await buildKernel(architecture);
    });
    beforeEach(async () => {
      adapter = await DebugAdapter.start();
      adapter.defaultTimeout = 20_000;
    });
    afterEach(() => adapter.stop());

    /** Stops at main's last line, and gives an address that this frame can be asked for. */
    const stop = async (): Promise<(expression: string) => Promise<string>> => {
      const frame = await adapter.runTo('return', () =>
        adapter.launchGuest({ target: id, kernel: kernel.image }, () => adapter.breakAt(['return'])),
      );
      return async (expression) => /0x[0-9a-f]+/.exec(await adapter.evaluate(expression, frame))![0];
    };

    const read = async (
      memoryReference: string,
      count: number,
      offset = 0,
    ): Promise<{ address: bigint; bytes: string; unreadable: number }> => {
      const args = { memoryReference, offset, count };
      const { address, data = '', unreadableBytes = 0 } = await adapter.ask('readMemory', args);
      return {
        address: BigInt(address),
        bytes: Buffer.from(data, 'base64').toString('hex'),
        unreadable: unreadableBytes,
      };
    };

    const write = async (
      memoryReference: string,
      bytes: string,
      more: Partial<DebugProtocol.WriteMemoryArguments> = {},
    ): Promise<DebugProtocol.WriteMemoryResponse['body']> => {
      const args = { memoryReference, data: Buffer.from(bytes, 'hex').toString('base64'), ...more };
      return adapter.ask('writeMemory', args);
    };

    /** Where memory ends on x86_64, and where it begins on aarch64. */
    const edge = architecture === 'x86_64' ? 128n << 20n : 1n << 30n;
    const isBelow = architecture === 'x86_64';

    it('reads at offsets, nothing, and much', async () => {
      const addressOf = await stop();
      const numbers = await addressOf('&numbers');
      const ten = { address: BigInt(numbers), bytes: '0a00000014000000', unreadable: 0 };
      assert.deepEqual(await read(numbers, 8), ten);
      assert.deepEqual(await read(`0x${(BigInt(numbers) + 100n).toString(16)}`, 8, -100), ten);
      assert.deepEqual(await read(BigInt(numbers).toString(), 8), ten);
      assert.deepEqual(await read(numbers, 0), { ...ten, bytes: '' });
      const megabytes = 3 << 20;
      const much = await read(await addressOf('&main'), megabytes);
      assert.equal(much.bytes.length / 2, megabytes);
      await assert.rejects(read('main', 8), /"main" is no address/);
    });

    it('says which bytes are not there', async () => {
      await stop();
      const atEdge = await read(`0x${(edge - 8n).toString(16)}`, 24);
      if (isBelow) {
        assert.equal(atEdge.bytes.length / 2, 8);
        assert.equal(atEdge.unreadable, 16);
      } else {
        assert.equal(atEdge.bytes, '');
        assert.equal(atEdge.unreadable, 8);
      }
      assert.deepEqual(await read('0xfffffffffffffff0', 64), {
        ...{ address: 0xfffffffffffffff0n, bytes: '', unreadable: 64 },
      });
      assert.deepEqual(await read('0xffffffffffffffff', 4, 8), {
        ...{ address: 0x10000000000000007n, bytes: '', unreadable: 4 },
      });
      assert.deepEqual(await read('0x8', 16, -16), { address: 0n, bytes: '', unreadable: 8 });
    });

    it('writes all or nothing, or what it can, and what it shows is true then', async () => {
      const addressOf = await stop();
      const numbers = await addressOf('&numbers');
      const changed: unknown[] = [];
      adapter.on('memory', ({ body }: DebugProtocol.MemoryEvent) => changed.push(body));
      await read(numbers, 12);
      const invalidated = adapter.waitForEvent('invalidated');
      assert.deepEqual(await write(numbers, '0b00000015000000'), { offset: 0, bytesWritten: 8 });
      await invalidated;
      assert.deepEqual(changed, [{ memoryReference: numbers, offset: 0, count: 12 }]);
      assert.equal((await read(numbers, 12)).bytes, '0b000000150000001e000000');
      const frame = await adapter.topFrame();
      assert.equal(await adapter.evaluate('numbers[1]', frame), '21');
      await adapter.evaluate('numbers[2] = 31', frame, 'repl');
      assert.equal(changed.length, 2);
      assert.deepEqual(await write(numbers, '', {}), { bytesWritten: 0 });

      const reference = `0x${edge.toString(16)}`;
      const before = await read(reference, 8, isBelow ? -8 : 0);
      await assert.rejects(write(reference, 'ff'.repeat(16), { offset: -8 }), /cannot be written/);
      assert.deepEqual(await read(reference, 8, isBelow ? -8 : 0), before);
      assert.deepEqual(await write(reference, 'ff'.repeat(16), { offset: -8, allowPartial: true }), {
        ...{ offset: isBelow ? -8 : 0, bytesWritten: 8 },
      });
      assert.equal((await read(reference, 8, isBelow ? -8 : 0)).bytes, 'ff'.repeat(8));
      assert.deepEqual(await write('0xfffffffffffffff0', 'ff'.repeat(32), { allowPartial: true }), { bytesWritten: 0 });
    });

    it('shows code as it is in memory', async () => {
      const main = await (await stop())('&main');
      const before = await read(main, 4);
      await write(main, '00112233');
      assert.equal((await read(main, 4)).bytes, '00112233');
      await write(main, before.bytes);
    });

    it('reads and writes while the guest runs, without a visible stop', async () => {
      const spinning = await buildKernel(architecture, 'SPIN=1');
      await adapter.launchGuest({ target: id, kernel: spinning.image }, () => adapter.breakAt(['bye']));
      const stops: string[] = [];
      adapter.on('stopped', ({ body }: DebugProtocol.StoppedEvent) => stops.push(body.reason));
      const { memoryReference } = (await adapter.evaluateRequest({ expression: '&spin', context: 'repl' })).body;
      assert.equal((await read(memoryReference!, 4)).bytes, '01000000');
      assert.deepEqual(stops, []);
      const stopped = adapter.waitForEvent('stopped');
      await write(memoryReference!, '00000000');
      assert.equal(((await stopped) as DebugProtocol.StoppedEvent).body.reason, 'breakpoint');
    });
  });
}
