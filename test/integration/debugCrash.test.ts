import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { readArtifact } from '../../src/build/build';
import type { LaunchArguments } from '../../src/debug/arguments';
import { architectures, targets } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildHello, unikernel } from './unikernel';

const source = `#include <stdlib.h>
#include <string.h>

static int deeper(volatile char *outer)
{
    volatile char inner[512];
    inner[0] = *outer;
    return deeper(inner) + inner[0];
}

static void poke(int *where)
{
    *where = 5; /* the fault */
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    if (strcmp(how, "write") == 0)
        poke((int *)8L);
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "overflow") == 0)
        return deeper(how);
    return 3;
}
`;
const faultLine = source.split('\n').findIndex((line) => line.includes('the fault')) + 1;

/** What an editor shows first: the innermost frame with a source that is not played down. */
function shown(frames: readonly DebugProtocol.StackFrame[]): DebugProtocol.StackFrame | undefined {
  return frames.find((frame) => frame.source !== undefined && frame.source.presentationHint !== 'deemphasize');
}

describe('a program that crashes', function () {
  this.timeout(300_000);
  let hello: Awaited<ReturnType<typeof buildHello>>;
  let adapter: DebugAdapter;

  before(async () => {
    hello = await buildHello(source);
  });
  after(() => hello.remove());
  beforeEach(async () => {
    adapter = await DebugAdapter.start();
    adapter.defaultTimeout = 20_000;
  });
  afterEach(() => adapter.stop());

  for (const architecture of architectures) {
    const target = targets.find((candidate) => candidate.architecture === architecture)!.id;

    const crash = async (how: string, args: Partial<LaunchArguments> = {}) => {
      const { image: kernel, symbols, sourceMap } = await readArtifact(hello.folder, architecture);
      const stopped = adapter.waitForEvent('stopped');
      await adapter.launchGuest({ target, kernel, symbols, sourceMap, args: [how], ...args });
      const { body } = (await stopped) as DebugProtocol.StoppedEvent;
      const frames = (await adapter.stackTraceRequest({ threadId: 1 })).body.stackFrames;
      return { ...body, frames };
    };

    it(`stops at the fault, with the cause and the stack, on ${target}`, async () => {
      const { reason, text, frames } = await crash('write');
      assert.equal(reason, 'exception');
      assert.equal(text, 'page fault: write of 0x8');
      const frame = shown(frames)!;
      assert.equal(frame.name, 'poke');
      assert.equal(frame.line, faultLine);
      assert.match(await adapter.evaluate('where', frame), /0x8$/);
      const { body } = (await adapter.customRequest('exceptionInfo', {
        threadId: 1,
      })) as DebugProtocol.ExceptionInfoResponse;
      assert.equal(body.exceptionId, 'SIGSEGV');
      assert.equal(body.description, text);
      const status = adapter.exitStatus();
      await adapter.continue();
      assert.equal(await status, 139);
    });

    it(`says when the stack overflowed, on ${target}`, async () => {
      const { text, frames } = await crash('overflow');
      assert.match(text ?? '', /^page fault: .* 0x[0-9a-f]+ \(stack overflow\)$/);
      assert.equal(shown(frames)?.name, 'deeper');
    });

    it(`stops where it aborts, on ${target}`, async () => {
      const { text, frames } = await crash('abort');
      assert.equal(text, 'aborted');
      assert.equal(shown(frames)?.name, 'main');
    });

    it(`is kept in a dump, which opens later, on ${target}`, async () => {
      const dump = join(hello.folder, 'crash.dump');
      const run = (...args: string[]) =>
        unikernel(hello.folder, 'run', '--no-build', '--target', target, '--dump', dump, '--', ...args);
      assert.equal((await run()).exitCode, 3);
      assert.equal(existsSync(dump), false);
      assert.equal((await run('write')).exitCode, 139);
      const stopped = adapter.waitForEvent('stopped');
      await adapter.launchGuest({ dump });
      assert.equal(((await stopped) as DebugProtocol.StoppedEvent).body.description, 'As it was when it crashed');
      const frame = shown((await adapter.stackTraceRequest({ threadId: 1 })).body.stackFrames)!;
      assert.equal(frame.name, 'poke');
      assert.equal(frame.line, faultLine);
      assert.match(await adapter.evaluate('where', frame), /0x8$/);
      await assert.rejects(adapter.continue(), /does not run any more/);
    });

    it(`goes back to before the fault where it is recorded, on ${target}`, async () => {
      await crash('write', { record: true });
      const { frame } = await adapter.runToStop(() => adapter.stepBackRequest({ threadId: 1 }));
      assert.equal(frame.name, 'poke');
      assert.equal(frame.line, faultLine);
      await assert.rejects(adapter.customRequest('exceptionInfo', { threadId: 1 }), /Nothing went wrong/);
      const again = await adapter.runToStop(() => adapter.continue());
      assert.equal(again.frame.name, 'libos_report_crash');
    });
  }
});
