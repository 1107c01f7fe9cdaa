import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, kernelSource, kernelStatus, type Kernel } from './kernel';

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  const { architecture } = findTarget(id)!;

  describe(`breakpoints on ${id}`, function () {
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

    const launch = (configure?: () => Promise<unknown>): Promise<void> =>
      adapter.launchGuest({ target: id, kernel: kernel.image }, configure);

    /** The values of `i` at each stop in the loop, which runs from 0 to 4. */
    const stopsInLoop = async (conditions: Partial<DebugProtocol.SourceBreakpoint>): Promise<string[]> => {
      const values: string[] = [];
      adapter.on('stopped', () => {
        void adapter.topFrame().then(async (frame) => {
          values.push(await adapter.evaluate('i', frame));
          await adapter.continue();
        });
      });
      const exited = adapter.exitStatus();
      await launch(() => adapter.breakAt(['loop'], conditions));
      assert.equal(await exited, kernelStatus);
      return values;
    };

    for (const [hitCondition, expected] of [
      ['3', '2 3 4'],
      ['>3', '3 4'],
      ['=3', '2'],
      ['<3', '0 1'],
      ['<=3', '0 1 2'],
      ['%2', '1 3'],
    ] as const) {
      it(`stop at the hits ${hitCondition}`, async () => {
        assert.equal((await stopsInLoop({ hitCondition })).join(' '), expected);
      });
    }

    describe('on a column', () => {
      const source = { path: kernelSource };
      const header = 'for (int i = 0; i < 5; i++)';
      const lines = readFileSync(kernelSource, 'utf8').split('\n');
      const line = lines.findIndex((text) => text.includes(header)) + 1;
      /** Where the compiler says that a part of it begins: at its operator. */
      const columnOf = (text: string): number => lines[line - 1]!.indexOf(text) + 1;

      it('are offered for each statement of the line', async () => {
        await adapter.runTo('hello', () => launch(() => adapter.breakAt(['hello'])));
        const { breakpoints } = await adapter.ask('breakpointLocations', { source, line });
        const parts = ['for', 'i = 0', '< 5', '++'].map((part) => ({ line, column: columnOf(part) }));
        assert.deepEqual(breakpoints, parts);
        const within = { source, line, column: columnOf('< 5'), endColumn: columnOf('< 5') + 1 };
        assert.deepEqual((await adapter.ask('breakpointLocations', within)).breakpoints, parts.slice(2, 3));
      });

      for (const [statement, expected] of [
        ['++', '0 1 2 3 4'],
        ['< 5', '0 1 2 3 4 5'],
      ] as const) {
        it(`stop at ${statement} each time that the loop comes by`, async () => {
          const column = columnOf(statement);
          const values: string[] = [];
          adapter.on('stopped', () => {
            void adapter.topFrame().then(async (frame) => {
              values.push(await adapter.evaluate('i', frame));
              await adapter.continue();
            });
          });
          const exited = adapter.exitStatus();
          await launch(async () => {
            const { body } = await adapter.setBreakpointsRequest({ source, breakpoints: [{ line, column }] });
            const [shown] = body.breakpoints;
            assert.deepEqual([shown?.verified, shown?.line, shown?.column], [true, line, column]);
          });
          assert.equal(await exited, kernelStatus);
          assert.equal(values.join(' '), expected);
        });
      }
    });

    it('count only the hits whose condition is true', async () => {
      assert.deepEqual(await stopsInLoop({ condition: 'i > 1', hitCondition: '=2' }), ['3']);
    });

    it('log with values at the speed of gdb, where a condition is true', async () => {
      const logged = collectOutput(adapter);
      const exited = adapter.exitStatus();
      await launch(() =>
        adapter.breakAt(['loop'], { condition: 'i != 1', logMessage: 'round {i} of {"5"[0] - 48}, {oops}' }),
      );
      await exited;
      assert.deepEqual(
        logged.filter((line) => line.startsWith('round')),
        [0, 2, 3, 4].map((i) => `round ${i} of 5, {oops: No symbol "oops" in current context.}`),
      );
    });

    it('say why a hit count, a line or a function cannot be one', async () => {
      const shown: DebugProtocol.Breakpoint[] = [];
      await adapter.runToStop(() =>
        launch(async () => {
          shown.push(...(await adapter.breakAt(['loop'], { hitCondition: 'often' })));
          shown.push(...(await adapter.breakAt(['return'])));
          const source = { path: kernelSource.replace('main.c', 'other.c') };
          shown.push(...(await adapter.setBreakpointsRequest({ source, breakpoints: [{ line: 3 }] })).body.breakpoints);
          const functions = await adapter.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'nowhere' }] });
          shown.push(...functions.body.breakpoints);
        }),
      );
      assert.deepEqual(
        shown.map(({ verified, message = '' }) => ({ verified, why: /^[^:]*/.exec(message)![0] })),
        [
          { verified: false, why: '"often" is no hit count' },
          { verified: true, why: '' },
          { verified: false, why: `No source file named ${kernelSource.replace('main.c', 'other.c')}` },
          { verified: false, why: 'Function "nowhere" not defined' },
        ],
      );
    });

    it('on data stop where it is written, read or accessed, with what became of it', async () => {
      const frame = await adapter.runTo('hello', () => launch(() => adapter.breakAt(['hello'])));
      const info = await request<DebugProtocol.DataBreakpointInfoResponse>('dataBreakpointInfo', {
        name: 'total',
        frameId: frame.id,
      });
      assert.equal(info.body.accessTypes?.length, 3);
      await setData([{ dataId: info.body.dataId!, hitCondition: '2' }]);
      const stopped = adapter.waitForEvent('stopped');
      await adapter.continue();
      const { reason, text, hitBreakpointIds } = ((await stopped) as DebugProtocol.StoppedEvent).body;
      assert.equal(reason, 'data breakpoint');
      assert.equal(text, '1 became 5');
      assert.equal(hitBreakpointIds?.length, 1);
      assert.equal((await adapter.topFrame()).name, 'count');
      await setData([{ dataId: info.body.dataId!, accessType: 'read' }]);
      const read = adapter.waitForEvent('stopped');
      await adapter.continue();
      assert.equal(((await read) as DebugProtocol.StoppedEvent).body.text, '5 was read');
      await setData([]);
      const exited = adapter.exitStatus();
      await adapter.continue();
      assert.equal(await exited, kernelStatus);
    });

    it('on data take members, addresses and sizes, and refuse what has no place in memory', async () => {
      const frame = await adapter.runTo('hello', () => launch(() => adapter.breakAt(['hello'])));
      const [locals] = (await adapter.scopesRequest({ frameId: frame.id })).body.scopes;
      const where = (await adapter.variables(locals!.variablesReference)).find(({ name }) => name === 'where')!;
      await adapter.variables(where.variablesReference);
      const ask = async (args: object): Promise<unknown> => {
        const { dataId, description } = (
          await request<DebugProtocol.DataBreakpointInfoResponse>('dataBreakpointInfo', args)
        ).body;
        return dataId ?? description.split('\n')[0];
      };
      assert.match(String(await ask({ variablesReference: where.variablesReference, name: 'y' })), /^\*\(int \*\) 0x/);
      assert.equal(await ask({ name: '0x1234', asAddress: true, bytes: 2 }), '*(unsigned short *) 0x1234');
      assert.equal(await ask({ name: '4096', asAddress: true, bytes: 24 }), '*(unsigned char (*)[24]) 0x1000');
      assert.match(String(await ask({ name: '1 + 1', frameId: frame.id })), /not located in memory/);
    });

    it('change while the guest runs without a visible stop', async () => {
      const stops: unknown[] = [];
      adapter.on('stopped', (event) => stops.push(event));
      await adapter.launchGuest({ target: id, kernel: spinning.image });
      for (let round = 0; round < 5; round++) {
        const [breakpoint] = await adapter.breakAt(['square']);
        assert.equal(breakpoint?.verified, true);
        await adapter.breakAt([]);
      }
      assert.deepEqual(stops, []);
      await adapter.runTo('spin', () => adapter.breakAt(['spin']));
    });

    it('are no stop any more once they are removed, though the guest came by just before', async () => {
      await adapter.runTo('loop', () => launch(() => adapter.breakAt(['loop'])));
      const exited = adapter.exitStatus();
      const stops: unknown[] = [];
      adapter.on('stopped', (event) => stops.push(event));
      // Both at once, as an editor may send them: the guest comes by four times more.
      await Promise.all([adapter.continue(), adapter.breakAt([])]);
      assert.equal(await exited, kernelStatus);
      assert.deepEqual(stops, []);
    });

    it('use the debug registers of the CPU where they are asked to', async () => {
      const trace = collectOutput(adapter);
      await adapter.runTo('square', () =>
        adapter.launchGuest({ target: id, kernel: kernel.image, breakpoints: 'hardware', trace: true }, () =>
          adapter.breakAt(['square']),
        ),
      );
      const path = / is in (.*)$/.exec(trace.find((line) => line.startsWith('What is said')) ?? '')![1]!;
      assert.match(await readFile(path, 'utf8'), /-break-insert -h/);
    });

    const request = async <Response extends DebugProtocol.Response>(command: string, args: object): Promise<Response> =>
      (await adapter.send(command, args)) as unknown as Response;

    const setData = async (breakpoints: DebugProtocol.DataBreakpoint[]): Promise<void> => {
      const { body } = await request<DebugProtocol.SetDataBreakpointsResponse>('setDataBreakpoints', { breakpoints });
      assert.ok(
        body.breakpoints.every(({ verified }) => verified),
        JSON.stringify(body),
      );
    };
  });
}

/** All lines that the adapter prints from now on. */
function collectOutput(adapter: DebugAdapter): string[] {
  const lines: string[] = [];
  adapter.on('output', ({ body }: DebugProtocol.OutputEvent) => {
    lines.push(...body.output.split('\n').filter(Boolean));
  });
  return lines;
}
