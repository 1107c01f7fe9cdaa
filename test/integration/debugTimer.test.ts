import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { DebugAdapter } from './debugAdapter';
import { buildKernelOf, lineOf } from './kernel';

const loop = resolve(__dirname, '../fixtures/kernel/loop.c');
const source = { path: loop };

// Where QEMU 7.2 lets the timer interrupt a debugger's step, 4 to 9 of 100 stops come twice.
describe('a guest whose timer goes off all the time', function () {
  this.timeout(60_000);
  let adapter: DebugAdapter;
  let frame: DebugProtocol.StackFrame;

  const breakAt = (...breakpoints: DebugProtocol.SourceBreakpoint[]): Promise<unknown> =>
    adapter.setBreakpointsRequest({ source, breakpoints });
  const line = lineOf('count', loop);

  beforeEach(async () => {
    const { image } = await buildKernelOf([loop], 'x86_64');
    adapter = await DebugAdapter.start();
    ({ frame } = await adapter.runToStop(() =>
      adapter.launchGuest({ target: 'x86_64-q35', kernel: image }, () => breakAt({ line })),
    ));
    // The timer in mode 2, at 1,193,182 / 50 Hz, and its interrupt, which the guest does not take (Intel 8254 and 8259A data sheets).
    for (const port of ['0x43 0x34', '0x40 50', '0x40 0', '0x21 0'])
      await adapter.ask('unikernel.monitor', { command: `o /b ${port}` });
  });
  afterEach(() => adapter.stop());

  it('stops at a breakpoint once each time that it comes by', async () => {
    for (let total = 0; total < 150; total++) {
      assert.equal(await adapter.evaluate('total', frame), String(total));
      ({ frame } = await adapter.runToStop(() => adapter.continue()));
    }
  });

  it('is counted once each time', async () => {
    await breakAt({ line, hitCondition: '200' });
    ({ frame } = await adapter.runToStop(() => adapter.continue()));
    assert.equal(await adapter.evaluate('total', frame), '200');
  });

  it('moves on with each step by an instruction', async () => {
    await breakAt();
    for (let step = 0; step < 150; step++) {
      const { frame: next } = await adapter.runToStop(() =>
        adapter.stepInRequest({ threadId: 1, granularity: 'instruction' }),
      );
      assert.notEqual(next.instructionPointerReference, frame.instructionPointerReference);
      frame = next;
    }
  });
});
