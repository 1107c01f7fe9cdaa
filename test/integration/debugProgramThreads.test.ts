import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { readArtifact } from '../../src/build/build';
import { architectures } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildHello } from './unikernel';

const source = readFileSync(resolve(__dirname, '../fixtures/threads/main.c'), 'utf8');
const lineOf = (tag: string): number => source.split('\n').findIndex((text) => text.includes(`/* tag: ${tag} */`)) + 1;

/** Each thread of the fixture: its function, what it waits in, its thread-local variable, and one of its own variables. */
const waiting = {
  sleeper: { routine: 'sleeps', call: /^(clock_)?nanosleep$/, own: '2', local: ['seconds', '1000'] },
  locker: { routine: 'locks', call: /^futex$/, own: '3', local: ['what[2]', "108 'l'"] },
  reader: { routine: 'reads', call: /^read$/, own: '4', local: ['byte', "63 '?'"] },
  poller: { routine: 'polls', call: /^epoll_p?wait$/, own: '5', local: ['sizeof events / sizeof *events', '4'] },
  conditioned: { routine: 'signals', call: /^futex$/, own: '6', local: ['mutex == 0', '0'] },
} as const;

describe("a program's threads on the library OS", function () {
  this.timeout(300_000);
  let hello: Awaited<ReturnType<typeof buildHello>>;
  let adapter: DebugAdapter;

  before(async () => {
    hello = await buildHello(source);
  });
  after(() => hello.remove());
  beforeEach(async () => {
    adapter = await DebugAdapter.start();
  });
  afterEach(() => adapter.stop());

  const threads = async (): Promise<DebugProtocol.Thread[]> => (await adapter.threadsRequest()).body.threads;
  const stackOf = async (threadId: number): Promise<DebugProtocol.StackFrame[]> =>
    (await adapter.stackTraceRequest({ threadId, startFrame: 0, levels: 30 })).body.stackFrames;

  for (const architecture of architectures) {
    const launch = async (): Promise<void> => {
      const { image, symbols, sourceMap } = await readArtifact(hello.folder, architecture);
      const path = join(hello.folder, 'src', 'main.c');
      const breakpoints = [{ line: lineOf('first') }];
      await adapter.runToStop(() =>
        adapter.launchGuest({ kernel: image, symbols, sourceMap }, () =>
          adapter.setBreakpointsRequest({ source: { path }, breakpoints }),
        ),
      );
    };

    it(`are shown on ${architecture}: running, ready and waiting, with what each waits for, its stack and its variables`, async () => {
      await launch();
      const shown = await threads();
      assert.match(shown[0]!.name, /^CPU 0: hello$/);
      const names = shown.map(({ name }) => name);
      assert.ok(names.includes('spinner (ready)'), names.join());
      assert.equal(shown.length, 7, names.join());
      for (const [thread, { routine, call, own, local }] of Object.entries(waiting)) {
        const found = shown.find(({ name }) => name.startsWith(thread));
        const state = /^\w+ \(blocked in (.*)\)$/.exec(found?.name ?? '')?.[1];
        assert.match(state ?? `${found?.name} among ${names.join()}`, call);
        const stack = await stackOf(found!.id);
        const frame = stack.find(({ name }) => name === routine);
        assert.equal(frame?.line, lineOf(routine), `${thread}: ${stack.map(({ name }) => name).join()}`);
        assert.equal(await adapter.evaluate('own', frame), own);
        assert.equal(await adapter.evaluate(local[0], frame), local[1]);
      }
      const spinner = await stackOf(shown.find(({ name }) => name.startsWith('spinner'))!.id);
      const frame = spinner.find(({ name }) => name === 'spins');
      assert.ok(frame !== undefined, spinner.map(({ name }) => name).join());
      assert.equal(await adapter.evaluate('own', frame), '7');
    });

    it(`stay where they are on ${architecture} while another is stepped`, async () => {
      await launch();
      const stacks = async (): Promise<string[]> => {
        const blocked = (await threads()).filter(({ name }) => name.includes('blocked'));
        return Promise.all(
          blocked.map(async ({ id, name }) => `${name}: ${(await stackOf(id)).map((frame) => frame.line).join()}`),
        );
      };
      const before = await stacks();
      assert.equal(before.length, 5);
      for (const tag of ['second', 'third']) {
        const stepped = adapter.waitForEvent('stopped');
        await adapter.nextRequest({ threadId: 1 });
        assert.equal(((await stepped) as DebugProtocol.StoppedEvent).body.threadId, 1);
        assert.equal((await adapter.topFrame()).line, lineOf(tag));
        assert.equal(await adapter.evaluate('own', await adapter.topFrame()), '1');
      }
      assert.deepEqual(await stacks(), before);
      const exited = adapter.exitStatus();
      await adapter.continue();
      assert.equal(await exited, 41);
    });
  }
});
