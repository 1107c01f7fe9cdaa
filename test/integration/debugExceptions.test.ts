import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { readArtifact } from '../../src/build/build';
import { architectures, targets } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel } from './kernel';
import { buildHello } from './unikernel';

const source = `#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

static void misbehave(const char *how)
{
    if (!strcmp(how, "fault"))
        *(volatile int *)(0x10 + strlen("")) = 1;
    if (!strcmp(how, "abort"))
        abort();
    if (!strcmp(how, "systemCall"))
        inotify_init1(IN_CLOEXEC);
}

int main(int argc, char **argv)
{
    misbehave(argc > 1 ? argv[1] : "");
    return 3;
}
`;

/** By the filter that stops there: what the editor says of it. */
const causes = {
  fault: /^page fault: write of 0x0*10$|^data abort: write of 0x0*10$/,
  abort: /^aborted$/,
  systemCall: /^unhandled system call (294|26)$/,
};

describe('exceptions of a guest', function () {
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

  for (const architecture of architectures) {
    const target = targets.find((candidate) => candidate.architecture === architecture)!.id;

    const launch = async (how: string, filters: string[]): Promise<void> => {
      const { image, symbols } = await readArtifact(hello.folder, architecture);
      await adapter.launchGuest({ target, kernel: image, symbols, args: [how] }, async () => {
        const { body } = await adapter.setExceptionBreakpointsRequest({
          filters,
        });
        assert.ok(
          body?.breakpoints?.every(({ verified }) => verified),
          JSON.stringify(body),
        );
      });
    };

    for (const [filter, cause] of Object.entries(causes)) {
      it(`stop where they happen, with the cause: ${filter} on ${target}`, async () => {
        const stopped = adapter.waitForEvent('stopped');
        await launch(filter, Object.keys(causes));
        const { reason, text } = ((await stopped) as DebugProtocol.StoppedEvent).body;
        assert.equal(reason, 'exception');
        assert.match(text ?? '', cause);
        const { stackFrames } = (await adapter.stackTraceRequest({ threadId: 1 })).body;
        const names = stackFrames.map(({ name }) => name);
        assert.deepEqual(
          names.filter((name) => ['misbehave', 'main'].includes(name)),
          ['misbehave', 'main'],
          names.join(' < '),
        );
        const info = await adapter.send('exceptionInfo', { threadId: 1 });
        assert.equal(info.body.exceptionId, { fault: 'SIGSEGV', abort: 'SIGABRT', systemCall: filter }[filter]);
        assert.match(info.body.description ?? '', cause);
        const exited = adapter.exitStatus();
        await adapter.continue();
        assert.equal(await exited, { fault: 139, abort: 134, systemCall: 3 }[filter]);
      });

      it(`do not stop where that is not asked for: ${filter} on ${target}`, async () => {
        const exited = adapter.exitStatus();
        adapter.on('stopped', () => {
          throw new Error('It stopped.');
        });
        await launch(
          filter,
          Object.keys(causes).filter((other) => other !== filter),
        );
        await exited;
      });
    }

    it(`are refused where a kernel has none on ${target}`, async () => {
      const { image } = await buildKernel(architecture);
      await adapter.launchGuest({ target, kernel: image }, async () => {
        const { body } = await adapter.setExceptionBreakpointsRequest({
          filters: ['fault'],
        });
        assert.deepEqual(
          body?.breakpoints?.map(({ verified, message = '' }) => ({ verified, why: message.slice(0, 10) })),
          [{ verified: false, why: 'CPU Faults' }],
        );
      });
    });
  }
});
