import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { readArtifact } from '../../src/build/build';
import { architectures, targets } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildHello } from './unikernel';

const source = `#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int compare(const void *one, const void *other)
{
    return *(const int *)one - *(const int *)other;
}

static void work(void)
{
    int numbers[] = {3, 1, 2};
    qsort(numbers, 3, sizeof *numbers, compare);
    printf("%d\\n", numbers[0]);
    usleep(10);
    puts((const char *)(long)numbers[0]);
}

int main(void)
{
    work();
}
`;

/** Where the guest stops, and the functions on the way from there to main, of which libc's may have others between. */
const stops = [
  { at: 'compare', way: ['compare', 'qsort_r', 'work', 'main'] },
  { at: 'libos_sys_writev', way: ['libos_sys_writev', '__stdio_write', 'vfprintf', 'printf', 'work', 'main'] },
  { at: 'libos_sleep', way: ['libos_sleep', 'usleep', 'work', 'main'] },
  { at: 'libos_exception_handled', way: ['libos_exception_handled', 'strlen', 'puts', 'work', 'main'] },
];

describe('the call stack of a library OS', function () {
  this.timeout(300_000);
  let hello: Awaited<ReturnType<typeof buildHello>>;
  let project: string;
  let adapter: DebugAdapter;

  before(async () => {
    hello = await buildHello(source);
    project = hello.folder;
  });
  after(() => hello.remove());
  beforeEach(async () => {
    adapter = await DebugAdapter.start();
  });
  afterEach(() => adapter.stop());

  for (const architecture of architectures) {
    const target = targets.find((candidate) => candidate.architecture === architecture)!.id;

    it(`goes through libc to main on ${target}`, async () => {
      const { image, symbols } = await readArtifact(project, architecture);
      const breakpoints = stops.map(({ at }) => ({ name: at }));
      const stopped = adapter.waitForEvent('stopped');
      await adapter.launchGuest({ target, kernel: image, symbols }, () =>
        adapter.setFunctionBreakpointsRequest({ breakpoints }),
      );
      await stopped;
      const seen = new Set<string>();
      while (seen.size < stops.length) {
        const { stackFrames } = (await adapter.stackTraceRequest({ threadId: 1 })).body;
        const names = stackFrames.map(({ name }) => name);
        const { at, way } = stops.find((stop) => stop.at === names[0])!;
        assert.deepEqual(
          names.filter((name) => way.includes(name)),
          way,
          names.join(' < '),
        );
        seen.add(at);
        if (seen.size < stops.length) await adapter.runToStop(() => adapter.continue());
      }
    });
  }
});
