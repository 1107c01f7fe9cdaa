import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { findTarget } from '../../src/targets';
import { buildKernel, kernelSource, kernelStatus, lineOf, type Kernel } from './kernel';

const root = resolve(__dirname, '../..');

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  const { architecture } = findTarget(id)!;

  describe(`debugging on ${id}`, function () {
    this.timeout(60_000);
    let kernel: Kernel;
    let spinning: Kernel;
    let client: DebugClient;

    before(async () => {
      kernel = await buildKernel(architecture);
      spinning = await buildKernel(architecture, 'SPIN=1');
    });
    beforeEach(async () => {
      const env = { ...process.env, NODE_OPTIONS: '--import tsx' };
      client = new DebugClient(process.execPath, 'src/debug/main.ts', 'unikernel', { cwd: root, env });
      await client.start();
    });
    afterEach(() => client.stop());

    /** Launches and sets breakpoints at the tagged lines; resolves when the guest has been let go. */
    const launch = async (
      tags: readonly string[],
      options: { kernel?: Kernel; stopOnEntry?: boolean; conditions?: Partial<DebugProtocol.SourceBreakpoint> } = {},
    ): Promise<DebugProtocol.Breakpoint[]> => {
      const initialized = client.waitForEvent('initialized');
      await client.initializeRequest();
      const launched = client.launchRequest({
        target: id,
        kernel: (options.kernel ?? kernel).image,
        stopOnEntry: options.stopOnEntry ?? false,
      } as DebugProtocol.LaunchRequestArguments);
      await Promise.race([initialized, launched.then(() => initialized)]);
      const { body } = await client.setBreakpointsRequest({
        source: { path: kernelSource },
        breakpoints: tags.map((tag) => ({ line: lineOf(tag), ...options.conditions })),
      });
      await client.configurationDoneRequest();
      await launched;
      return body.breakpoints;
    };
    const waitForExit = async (): Promise<number> =>
      ((await client.waitForEvent('exited')) as DebugProtocol.ExitedEvent).body.exitCode;
    const topFrame = async (): Promise<DebugProtocol.StackFrame> =>
      (await client.stackTraceRequest({ threadId: 1 })).body.stackFrames[0]!;
    const stopAt = async (tag: string, begin: () => Promise<unknown>): Promise<DebugProtocol.StackFrame> => {
      const stopped = client.waitForEvent('stopped');
      await begin();
      await stopped;
      const frame = await topFrame();
      assert.equal(frame.line, lineOf(tag));
      assert.equal(frame.source?.path, kernelSource);
      return frame;
    };
    const evaluate = async (expression: string, frame: DebugProtocol.StackFrame, context = 'watch'): Promise<string> =>
      (await client.evaluateRequest({ expression, frameId: frame.id, context })).body.result;
    const variables = async (variablesReference: number): Promise<DebugProtocol.Variable[]> =>
      (await client.variablesRequest({ variablesReference })).body.variables;

    it('stops at a breakpoint, shows the stack and variables, and ends with the status', async () => {
      const breakpoints: DebugProtocol.Breakpoint[] = [];
      const frame = await stopAt('return', async () => breakpoints.push(...(await launch(['return']))));
      assert.deepEqual(
        breakpoints.map(({ verified, line }) => ({ verified, line })),
        [{ verified: true, line: lineOf('return') }],
      );
      const { scopes } = (await client.scopesRequest({ frameId: frame.id })).body;
      assert.deepEqual(
        scopes.map(({ name }) => name),
        ['Locals', 'Registers'],
      );
      const locals = await variables(scopes[0]!.variablesReference);
      const where = locals.find(({ name }) => name === 'where')!;
      assert.deepEqual(
        (await variables(where.variablesReference)).map(({ name, value }) => `${name}=${value}`),
        ['x=3', 'y=4'],
      );
      const numbers = locals.find(({ name }) => name === 'numbers')!;
      assert.deepEqual(
        (await variables(numbers.variablesReference)).map(({ name, value }) => `${name}=${value}`),
        ['[0]=10', '[1]=20', '[2]=30'],
      );
      const exited = waitForExit();
      const terminated = client.waitForEvent('terminated');
      await client.continueRequest({ threadId: 1 });
      assert.equal(await exited, kernelStatus);
      await terminated;
    });

    it('steps over, into and out of functions', async () => {
      await stopAt('loop', () => launch(['loop']));
      const inner = await stopAt('square', () => client.stepInRequest({ threadId: 1 }));
      assert.equal(inner.name, 'square');
      const { stackFrames } = (await client.stackTraceRequest({ threadId: 1 })).body;
      assert.deepEqual(
        stackFrames.slice(0, 3).map(({ name }) => name),
        ['square', 'count', 'main'],
      );
      await stopAt('loop', () => client.stepOutRequest({ threadId: 1 }));
      await client.setBreakpointsRequest({ source: { path: kernelSource }, breakpoints: [] });
      const stopped = client.waitForEvent('stopped');
      await client.nextRequest({ threadId: 1 });
      await stopped;
      assert.equal((await topFrame()).name, 'count');
    });

    it('stops on entry, and where a condition holds', async () => {
      const stopped = client.waitForEvent('stopped');
      await launch(['loop'], { stopOnEntry: true, conditions: { condition: 'i == 3' } });
      assert.equal(((await stopped) as DebugProtocol.StoppedEvent).body.reason, 'entry');
      assert.equal((await topFrame()).name, 'main');
      const frame = await stopAt('loop', () => client.continueRequest({ threadId: 1 }));
      assert.equal(await evaluate('i', frame), '3');
    });

    it('counts hits', async () => {
      const frame = await stopAt('loop', () => launch(['loop'], { conditions: { hitCondition: '3' } }));
      assert.equal(await evaluate('i', frame), '2');
    });

    it('logs where a breakpoint has a message, without stopping', async () => {
      let output = '';
      client.on('output', ({ body }: DebugProtocol.OutputEvent) => (output += body.output));
      const exited = waitForExit();
      await launch(['loop'], { conditions: { logMessage: 'i is {i}' } });
      assert.equal(await exited, kernelStatus);
      assert.match(output, /i is 0\ni is 1\ni is 2\ni is 3\ni is 4\n/);
    });

    it('evaluates, refuses to call functions on hover, and changes variables', async () => {
      const frame = await stopAt('return', () => launch(['return']));
      assert.equal(await evaluate('where.x * 2', frame), '6');
      assert.match(await evaluate('> print where.y', frame, 'repl'), /^\$\d+ = 4$/);
      await assert.rejects(evaluate('square(2)', frame, 'hover'), /could change/i);
      await assert.rejects(evaluate('nothing', frame), /No symbol "nothing"/);
      const { scopes } = (await client.scopesRequest({ frameId: frame.id })).body;
      const locals = await variables(scopes[0]!.variablesReference);
      const { variablesReference } = locals.find(({ name }) => name === 'where')!;
      await variables(variablesReference);
      await client.setVariableRequest({ variablesReference, name: 'x', value: '5' });
      assert.equal(await evaluate('where.x', frame), '5');
      const exited = waitForExit();
      await client.continueRequest({ threadId: 1 });
      assert.equal(await exited, kernelStatus + 2);
    });

    it('shows the registers in groups', async () => {
      const frame = await stopAt('return', () => launch(['return']));
      const { scopes } = (await client.scopesRequest({ frameId: frame.id })).body;
      const groups = await variables(scopes[1]!.variablesReference);
      const last = architecture === 'x86_64' ? 'Segment and control' : 'System';
      for (const name of ['General', 'Flags', 'Vector', last]) {
        const group = groups.find((each) => each.name === name);
        assert.ok(group, `${name} in ${groups.map((each) => each.name).join(', ')}`);
        assert.ok((await variables(group.variablesReference)).length > 0);
      }
      const general = await variables(groups.find(({ name }) => name === 'General')!.variablesReference);
      const counter = general.find(({ name }) => name === (architecture === 'x86_64' ? 'rip' : 'pc'))!;
      assert.equal(BigInt(counter.value), BigInt(frame.instructionPointerReference!));
    });

    it('takes breakpoints while the guest runs, without a visible stop, and pauses', async () => {
      await launch([], { kernel: spinning });
      const events: string[] = [];
      client.on('stopped', ({ body }: DebugProtocol.StoppedEvent) => events.push(body.reason));
      const source = { path: kernelSource };
      await client.setBreakpointsRequest({ source, breakpoints: [{ line: lineOf('bye') }] });
      assert.deepEqual(events, []);
      await client.setBreakpointsRequest({ source, breakpoints: [] });
      const stopped = client.waitForEvent('stopped');
      await client.pauseRequest({ threadId: 1 });
      assert.equal(((await stopped) as DebugProtocol.StoppedEvent).body.reason, 'pause');
      assert.deepEqual(events, ['pause']);
    });

    it('restarts from the beginning', async () => {
      await stopAt('return', () => launch(['return']));
      const frame = await stopAt('return', () => client.customRequest('restart', {}));
      assert.equal(await evaluate('total', frame), '30');
    });

    it('says why a launch failed', async () => {
      await client.initializeRequest();
      await assert.rejects(
        client.launchRequest({ target: id, kernel: '/nonexistent.elf' } as DebugProtocol.LaunchRequestArguments),
        /nonexistent\.elf cannot be read/,
      );
    });

    it('reads memory and disassembles', async () => {
      const frame = await stopAt('return', () => launch(['return']));
      const memoryReference = frame.instructionPointerReference!;
      const disassembled: unknown = await client.customRequest('disassemble', {
        memoryReference,
        instructionOffset: -2,
        instructionCount: 5,
      });
      const { instructions } = (disassembled as DebugProtocol.DisassembleResponse).body!;
      assert.equal(instructions.length, 5);
      assert.equal(BigInt(instructions[2]!.address), BigInt(memoryReference));
      const read: unknown = await client.customRequest('readMemory', { memoryReference, count: 16 });
      const bytes = Buffer.from((read as DebugProtocol.ReadMemoryResponse).body!.data!, 'base64').toString('hex');
      assert.ok(bytes.startsWith(instructions[2]!.instructionBytes!.replaceAll(' ', '')));
    });
  });
}
