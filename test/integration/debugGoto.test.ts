import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, kernelSource, kernelStatus, lineOf, type Kernel } from './kernel';

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  const { architecture } = findTarget(id)!;

  describe(`going to a line on ${id}`, function () {
    this.timeout(60_000);
    let kernel: Kernel;
    let adapter: DebugAdapter;
    const source = { path: kernelSource };

    before(async () => {
      kernel = await buildKernel(architecture, 'SPIN=1');
    });
    beforeEach(async () => {
      adapter = await DebugAdapter.start();
      adapter.defaultTimeout = 20_000;
    });
    afterEach(() => adapter.stop());

    const targets = async (line: number): Promise<DebugProtocol.GotoTarget[]> =>
      (await adapter.ask('gotoTargets', { source, line })).targets;

    it('only moves the CPU there, out of a loop that never ends', async () => {
      await adapter.runTo('spin', () =>
        adapter.launchGuest({ target: id, kernel: kernel.image }, () => adapter.breakAt(['spin', 'return'])),
      );
      const [target] = await targets(lineOf('bye'));
      assert.equal(target?.label, `line ${lineOf('bye')} in main`);
      const { frame, reason } = await adapter.runToStop(() =>
        adapter.ask('goto', { threadId: 1, targetId: target.id }),
      );
      assert.equal(reason, 'goto');
      assert.equal(frame.line, lineOf('bye'));
      assert.equal(BigInt(frame.instructionPointerReference!), BigInt(target.instructionPointerReference!));
      await adapter.runTo('return', () => adapter.continue());
      const exited = adapter.exitStatus();
      await adapter.continue();
      // The loop flips a bit in each round; it was left after none.
      assert.equal(await exited, kernelStatus);
    });

    it('takes the next line that has code, and no place that was not offered', async () => {
      await adapter.runTo('spin', () =>
        adapter.launchGuest({ target: id, kernel: kernel.image }, () => adapter.breakAt(['spin'])),
      );
      assert.deepEqual(
        (await targets(lineOf('square') - 1)).map(({ line, label }) => ({ line, label })),
        [{ line: lineOf('square') - 1, label: `line ${lineOf('square') - 1} in square` }],
      );
      const [next] = await targets(lineOf('loop') - 3);
      assert.equal(next?.line, lineOf('loop') - 2);
      assert.deepEqual(await targets(10_000), []);
      await assert.rejects(adapter.customRequest('goto', { threadId: 1, targetId: 1000 }), /not known/);
    });

    it('and breakpoints are offered on lines with code, also while the guest runs', async () => {
      await adapter.launchGuest({ target: id, kernel: kernel.image });
      const linesIn = async (line: number, endLine?: number, path = kernelSource): Promise<number[]> => {
        const range = { source: { path }, line, ...(endLine === undefined ? {} : { endLine }) };
        const { breakpoints } = await adapter.ask('breakpointLocations', range);
        // Some lines have several statements.
        return [...new Set(breakpoints.map((breakpoint) => breakpoint.line))];
      };
      const line = lineOf('loop');
      assert.deepEqual(await linesIn(line - 3, line + 3), [line - 2, line - 1, line, line + 2]);
      assert.deepEqual(await linesIn(line), [line]);
      assert.deepEqual(await linesIn(line + 1), []);
      assert.deepEqual(await linesIn(1, 100, '/nonexistent/other.c'), []);
      await assert.rejects(
        adapter.customRequest('goto', { threadId: 1, targetId: (await targets(line))[0]?.id }),
        /running/,
      );
    });
  });
}
