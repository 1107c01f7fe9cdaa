import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Requests } from '../../src/debug/requests';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, kernelSource, lineOf } from './kernel';

const root = resolve(__dirname, '../..');

/** What an editor asks at the stops of a short session, and what it is answered, as kept in a file for each architecture. */
describe('the transcript of a debug session', function () {
  this.timeout(60_000);
  let adapter: DebugAdapter;
  beforeEach(async () => {
    adapter = await DebugAdapter.start();
  });
  afterEach(() => adapter.stop());

  for (const id of ['x86_64-microvm', 'aarch64-virt']) {
    const { architecture } = findTarget(id)!;

    it(`is what it was on ${id} (UPDATE_GOLDEN=1 writes it anew)`, async () => {
      const kernel = await buildKernel(architecture);
      const lines: string[] = [];
      const keep = (what: string, content: unknown): void => {
        const text = JSON.stringify(content)
          .replaceAll(dirname(kernel.image), 'KERNEL')
          .replaceAll(root, 'ROOT')
          .replaceAll(/0x[0-9a-f]+/g, 'ADDRESS');
        lines.push(`${what} ${text}`);
      };
      const ask = async <Command extends keyof Requests>(
        command: Command,
        args: Requests[Command]['arguments'],
      ): Promise<Requests[Command]['body']> => {
        const body = await adapter.ask(command, args);
        keep(command, { args, body });
        return body;
      };
      const stop = async (go: () => Promise<unknown>): Promise<void> => {
        const stopped = adapter.waitForEvent('stopped');
        await go();
        keep('stopped', ((await stopped) as DebugProtocol.StoppedEvent).body);
      };
      const look = async (): Promise<void> => {
        await ask('threads', undefined);
        const { stackFrames } = await ask('stackTrace', { threadId: 1, startFrame: 0, levels: 20 });
        const { scopes } = await ask('scopes', { frameId: stackFrames[0]!.id });
        const { variables } = await ask('variables', { variablesReference: scopes[0]!.variablesReference });
        for (const { variablesReference } of variables) {
          if (variablesReference > 0) await ask('variables', { variablesReference });
        }
      };

      const source = { path: kernelSource };
      const breakpoint = { line: lineOf('loop'), hitCondition: '=2' };
      await stop(() =>
        adapter.launchGuest({ target: id, kernel: kernel.image }, async () => {
          await ask('setBreakpoints', { source, breakpoints: [breakpoint] });
          await ask('setExceptionBreakpoints', { filters: ['abort'] });
        }),
      );
      await look();
      await stop(() => ask('stepIn', { threadId: 1 }));
      await look();
      await ask('evaluate', { expression: 'number * 2', context: 'watch', frameId: 1000 });
      const { dataId } = await ask('dataBreakpointInfo', { name: 'total' });
      await ask('setDataBreakpoints', { breakpoints: [{ dataId: dataId! }] });
      await stop(() => ask('continue', { threadId: 1 }));
      await ask('setDataBreakpoints', { breakpoints: [] });
      const exited = adapter.exitStatus();
      await ask('continue', { threadId: 1 });
      keep('exited', await exited);

      const file = resolve(root, 'test', 'fixtures', 'dap', `${architecture}.txt`);
      const transcript = `${lines.join('\n')}\n`;
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, transcript);
      assert.equal(transcript, readFileSync(file, 'utf8'));
    });
  }
});
