import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import type { LaunchArguments } from '../../src/debug/arguments';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, kernelStatus, lineOf, type Kernel } from './kernel';

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  const { architecture } = findTarget(id)!;

  describe(`debugging on ${id}`, function () {
    this.timeout(60_000);
    let kernel: Kernel;
    let spinning: Kernel;
    let adapter: DebugAdapter;

    before(async () => {
      kernel = await buildKernel(architecture);
      spinning = await buildKernel(architecture, 'SPIN=1');
    });
    beforeEach(async () => {
      adapter = await DebugAdapter.start();
    });
    afterEach(() => adapter.stop());

    const launch = (
      tags: readonly string[],
      { conditions, ...args }: Partial<LaunchArguments> & { conditions?: Partial<DebugProtocol.SourceBreakpoint> } = {},
    ): Promise<void> =>
      adapter.launchGuest({ target: id, kernel: kernel.image, ...args }, () => adapter.breakAt(tags, conditions));

    it('stops at a breakpoint, shows the stack and variables, and ends with the status', async () => {
      const breakpoints: DebugProtocol.Breakpoint[] = [];
      const frame = await adapter.runTo('return', () =>
        adapter.launchGuest({ target: id, kernel: kernel.image }, async () =>
          breakpoints.push(...(await adapter.breakAt(['return']))),
        ),
      );
      assert.deepEqual(
        breakpoints.map(({ verified, line }) => ({ verified, line })),
        [{ verified: true, line: lineOf('return') }],
      );
      const { scopes } = (await adapter.scopesRequest({ frameId: frame.id })).body;
      assert.deepEqual(
        scopes.map(({ name }) => name),
        ['Locals', 'Globals', 'Registers'],
      );
      const locals = await adapter.variables(scopes[0]!.variablesReference);
      const where = locals.find(({ name }) => name === 'where')!;
      assert.deepEqual(
        (await adapter.variables(where.variablesReference)).map(({ name, value }) => `${name}=${value}`),
        ['x=3', 'y=4'],
      );
      const numbers = locals.find(({ name }) => name === 'numbers')!;
      assert.deepEqual(
        (await adapter.variables(numbers.variablesReference)).map(({ name, value }) => `${name}=${value}`),
        ['[0]=10', '[1]=20', '[2]=30'],
      );
      const exited = adapter.exitStatus();
      const terminated = adapter.waitForEvent('terminated');
      await adapter.continue();
      assert.equal(await exited, kernelStatus);
      await terminated;
    });

    it('steps over, into and out of functions', async () => {
      await adapter.runTo('loop', () => launch(['loop']));
      const inner = await adapter.runTo('square', () => adapter.stepInRequest({ threadId: 1 }));
      assert.equal(inner.name, 'square');
      const { stackFrames } = (await adapter.stackTraceRequest({ threadId: 1 })).body;
      assert.deepEqual(
        stackFrames.slice(0, 3).map(({ name }) => name),
        ['square', 'count', 'main'],
      );
      await adapter.runTo('loop', () => adapter.stepOutRequest({ threadId: 1 }));
      await adapter.breakAt([]);
      const { frame } = await adapter.runToStop(() => adapter.nextRequest({ threadId: 1 }));
      assert.equal(frame.name, 'count');
    });

    it('steps into the call of a line that is chosen', async () => {
      const frame = await adapter.runTo('loop', () => launch(['loop'], { conditions: { condition: 'i == 2' } }));
      const asked = await adapter.send('stepInTargets', { frameId: frame.id });
      assert.deepEqual(asked.body.targets, [{ id: 0, label: 'square' }]);
      const { reason } = await adapter.runToStop(() => adapter.stepInRequest({ threadId: 1, targetId: 0 }));
      assert.equal(reason, 'step');
      assert.equal((await adapter.topFrame()).name, 'square');
      // Nothing of it is left: square is called twice more.
      const exited = adapter.exitStatus();
      await adapter.breakAt([]);
      await adapter.continue();
      assert.equal(await exited, kernelStatus);
    });

    it('stops on entry, and where a condition holds', async () => {
      const { frame: first, reason } = await adapter.runToStop(() =>
        launch(['loop'], { stopOnEntry: true, conditions: { condition: 'i == 3' } }),
      );
      assert.equal(reason, 'entry');
      assert.equal(first.name, 'main');
      const frame = await adapter.runTo('loop', () => adapter.continue());
      assert.equal(await adapter.evaluate('i', frame), '3');
    });

    it('stops at functions, and says which ones do not exist', async () => {
      const breakpoints: DebugProtocol.Breakpoint[] = [];
      const frame = await adapter.runTo('square', () =>
        adapter.launchGuest({ target: id, kernel: kernel.image }, async () => {
          const functions = [{ name: 'square', condition: 'number == 2' }, { name: 'nothing' }];
          const { body } = await adapter.setFunctionBreakpointsRequest({ breakpoints: functions });
          breakpoints.push(...body.breakpoints);
        }),
      );
      assert.deepEqual(
        breakpoints.map(({ verified }) => verified),
        [true, false],
      );
      assert.match(breakpoints[1]?.message ?? '', /"nothing" not defined/);
      assert.equal(await adapter.evaluate('number', frame), '2');
    });

    it('counts hits', async () => {
      const frame = await adapter.runTo('loop', () => launch(['loop'], { conditions: { hitCondition: '3' } }));
      assert.equal(await adapter.evaluate('i', frame), '2');
    });

    it('logs where a breakpoint has a message, without stopping', async () => {
      let output = '';
      adapter.on('output', ({ body }: DebugProtocol.OutputEvent) => (output += body.output));
      const exited = adapter.exitStatus();
      await launch(['loop'], { conditions: { logMessage: 'i is {i}' } });
      assert.equal(await exited, kernelStatus);
      assert.match(output, /i is 0\ni is 1\ni is 2\ni is 3\ni is 4\n/);
    });

    it('evaluates, refuses to call functions on hover, and changes variables', async () => {
      const frame = await adapter.runTo('return', () => launch(['return']));
      assert.equal(await adapter.evaluate('where.x * 2', frame), '6');
      assert.match(await adapter.evaluate('> print where.y', frame, 'repl'), /^\$\d+ = 4$/);
      await assert.rejects(adapter.evaluate('square(2)', frame, 'hover'), /could change/i);
      await assert.rejects(adapter.evaluate('nothing', frame), /No symbol "nothing"/);
      const { scopes } = (await adapter.scopesRequest({ frameId: frame.id })).body;
      const locals = await adapter.variables(scopes[0]!.variablesReference);
      const { variablesReference } = locals.find(({ name }) => name === 'where')!;
      await adapter.variables(variablesReference);
      await adapter.setVariableRequest({ variablesReference, name: 'x', value: '5' });
      assert.equal(await adapter.evaluate('where.x', frame), '5');
      await adapter.setVariableRequest({ ...scopes[0]!, name: 'total', value: '31' });
      assert.equal(await adapter.evaluate('total', frame), '31');
      const exited = adapter.exitStatus();
      await adapter.continue();
      assert.equal(await exited, kernelStatus + 3);
    });

    it('shows the registers in groups', async () => {
      const frame = await adapter.runTo('return', () => launch(['return']));
      const { scopes } = (await adapter.scopesRequest({ frameId: frame.id })).body;
      const groups = await adapter.variables(scopes[2]!.variablesReference);
      const last = architecture === 'x86_64' ? 'Segment and control' : 'System';
      for (const name of ['General', 'Flags', 'Vector', last]) {
        const group = groups.find((each) => each.name === name);
        assert.ok(group, `${name} in ${groups.map((each) => each.name).join(', ')}`);
        assert.ok((await adapter.variables(group.variablesReference)).length > 0);
      }
      const general = await adapter.variables(groups.find(({ name }) => name === 'General')!.variablesReference);
      const counter = general.find(({ name }) => name === (architecture === 'x86_64' ? 'rip' : 'pc'))!;
      assert.equal(BigInt(counter.value), BigInt(frame.instructionPointerReference!));
    });

    it('takes breakpoints and expressions while the guest runs, without a visible stop, and pauses', async () => {
      await launch([], { kernel: spinning.image });
      const events: string[] = [];
      adapter.on('stopped', ({ body }: DebugProtocol.StoppedEvent) => events.push(body.reason));
      await adapter.breakAt(['bye']);
      await adapter.breakAt([]);
      assert.equal((await adapter.evaluateRequest({ expression: 'spin', context: 'repl' })).body.result, '1');
      assert.match(
        (await adapter.evaluateRequest({ expression: '> print spin + 1', context: 'repl' })).body.result,
        /= 2$/,
      );
      await assert.rejects(adapter.stackTraceRequest({ threadId: 1 }), /running/);
      assert.deepEqual(events, []);
      const { reason } = await adapter.runToStop(() => adapter.pauseRequest({ threadId: 1 }));
      assert.equal(reason, 'pause');
      assert.deepEqual(events, ['pause']);
    });

    it('restarts from the beginning', async () => {
      await adapter.runTo('return', () => launch(['return']));
      const frame = await adapter.runTo('return', () => adapter.customRequest('restart', {}));
      assert.equal(await adapter.evaluate('total', frame), '30');
    });

    it('says why a launch failed', async () => {
      await adapter.initializeRequest();
      await assert.rejects(
        adapter.launchRequest({ target: id, kernel: '/nonexistent.elf' } as DebugProtocol.LaunchRequestArguments),
        /nonexistent\.elf cannot be read/,
      );
    });

    it('names each field of the configuration that is wrong', async () => {
      await adapter.initializeRequest();
      const wrong = { target: 'pdp11', memory: 'much' } as DebugProtocol.LaunchRequestArguments;
      await assert.rejects(adapter.launchRequest(wrong), (error: Error) => {
        assert.match(error.message, /"target": must be one of x86_64-microvm, x86_64-q35, aarch64-virt/);
        assert.match(error.message, /"memory": must be a number followed by M or G/);
        return true;
      });
      await assert.rejects(adapter.attachRequest({}), /"connect": /);
    });

    it('reads memory and disassembles', async () => {
      const frame = await adapter.runTo('return', () => launch(['return']));
      const memoryReference = frame.instructionPointerReference!;
      const disassembled: unknown = await adapter.customRequest('disassemble', {
        memoryReference,
        instructionOffset: -2,
        instructionCount: 5,
      });
      const { instructions } = (disassembled as DebugProtocol.DisassembleResponse).body!;
      assert.equal(instructions.length, 5);
      assert.equal(BigInt(instructions[2]!.address), BigInt(memoryReference));
      const read: unknown = await adapter.customRequest('readMemory', { memoryReference, count: 16 });
      const bytes = Buffer.from((read as DebugProtocol.ReadMemoryResponse).body!.data!, 'base64').toString('hex');
      assert.ok(bytes.startsWith(instructions[2]!.instructionBytes!.replaceAll(' ', '')));
    });
  });
}
