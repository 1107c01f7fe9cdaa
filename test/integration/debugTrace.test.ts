import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import type { LaunchArguments } from '../../src/debug/arguments';
import { traceTo } from '../../src/debug/listen';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, type Kernel } from './kernel';

describe('traces', () => {
  it('are kept until there are too many', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'traces-'));
    try {
      const paths = Array.from({ length: 12 }, (_, index) => `2001-01-${index + 10}.log`);
      for (const path of paths) await appendFile(join(folder, path), '');
      const { path } = traceTo(folder);
      const left = (await readdir(folder)).sort();
      assert.deepEqual(left, [...paths.slice(-9), path.slice(folder.length + 1)]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  describe(`what gdb says on ${id}`, function () {
    this.timeout(60_000);
    let kernel: Kernel;
    let cache: string;
    let adapter: DebugAdapter;
    let output: string;

    before(async () => {
      kernel = await buildKernel(findTarget(id)!.architecture);
    });
    beforeEach(async () => {
      cache = await mkdtemp(join(tmpdir(), 'cache-'));
      output = '';
      adapter = new DebugAdapter({ XDG_CACHE_HOME: cache });
      await adapter.start();
      adapter.on('output', ({ body }: DebugProtocol.OutputEvent) => (output += body.output));
    });
    afterEach(async () => {
      await adapter.stop();
      await rm(cache, { recursive: true });
    });

    const stopAtReturn = (args: Partial<LaunchArguments> = {}): Promise<DebugProtocol.StackFrame> =>
      adapter.runTo('return', () =>
        adapter.launchGuest({ target: id, kernel: kernel.image, ...args }, () => adapter.breakAt(['return'])),
      );

    it('is whole in a private file when it is traced, and not in the console', async () => {
      const frame = await stopAtReturn({ trace: true });
      assert.match(await adapter.evaluate('> print where.y', frame, 'repl'), /= 4$/);
      const path = /gdb is in (.*\.log)/.exec(output)?.[1] ?? '';
      assert.ok(path.startsWith(join(cache, 'unikernel-tools', 'traces')), output);
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      assert.equal((await stat(dirname(path))).mode & 0o777, 0o700);
      const trace = await readFile(path, 'utf8');
      assert.match(trace, /^\d+\.\d > 1-gdb-set architecture /m);
      assert.match(trace, /^\d+\.\d > \d+-interpreter-exec console "print where.y"$/m);
      assert.match(trace, /^\d+\.\d < ~"\$1 = 4/m);
      assert.match(trace, /^\d+\.\d < \*stopped,reason="breakpoint-hit"/m);
      assert.doesNotMatch(output, /\*stopped|gdb-set|\$1 = 4/);
    });

    it('is in no file otherwise, and in the console only as a warning, once', async () => {
      const frame = await stopAtReturn();
      assert.doesNotMatch(output, /gdb/);
      const warn = '> python gdb.write("warning: the guest is haunted\\n", gdb.STDERR)';
      await adapter.evaluate(warn, frame, 'repl');
      await adapter.evaluate(warn, frame, 'repl');
      assert.equal(output.match(/gdb: warning: the guest is haunted\n/g)?.length, 1, output);
      const kept = await readdir(join(cache, 'unikernel-tools'));
      assert.deepEqual(
        kept.filter((name) => !['gdb', 'probes'].includes(name)),
        [],
      );
    });
  });
}
