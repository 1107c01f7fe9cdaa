import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { readArtifact } from '../../src/build/build';
import { readReport } from '../../src/build/report';
import { readElf } from '../../src/image/elf';
import { architectures, targets, type Architecture } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { boot, buildHello, changeProject, unikernel } from './unikernel';

const source = `#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static int poke(volatile int *where)
{
    return *where; /* the fault */
}

int main(int argc, char **argv)
{
    char *local = argv[0], *mapped = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("%lx %lx %lx %lx\\n", (unsigned long)(uintptr_t)main, (unsigned long)&local, (unsigned long)sbrk(0), (unsigned long)mapped);
    printf("%ld\\n", sysconf(_SC_PHYS_PAGES) / 256);
    return argc > 1 ? poke((int *)8) : 0;
}
`;
const lineOf = (text: string): number => source.split('\n').findIndex((line) => line.includes(text)) + 1;
const targetOf = (architecture: Architecture): string =>
  targets.find((target) => target.architecture === architecture)!.id;

describe('address space layout randomisation', function () {
  this.timeout(300_000);
  let hello: Awaited<ReturnType<typeof buildHello>>;
  /** Addresses of main, by architecture, in the first build and in the next. */
  const links: Partial<Record<Architecture, bigint | undefined>>[] = [];

  const build = async (): Promise<void> => {
    const { exitCode, stderr } = await unikernel(hello.folder, 'build');
    assert.equal(exitCode, 0, stderr);
  };
  const elfOf = async (architecture: Architecture) => readElf((await readArtifact(hello.folder, architecture)).symbols);
  const reportOf = async (architecture: Architecture) =>
    readReport((await readArtifact(hello.folder, architecture)).report);
  const look = async (): Promise<void> => {
    const [x86_64, aarch64] = await Promise.all(architectures.map(elfOf));
    links.push({ x86_64: x86_64?.findSymbol('main')?.address, aarch64: aarch64?.findSymbol('main')?.address });
  };

  before(async () => {
    hello = await buildHello(source, { aslr: true, memory: '1G' });
    await look();
    await writeFile(join(hello.folder, 'src', 'main.c'), `${source}\n`);
    await build();
    await look();
  });
  after(() => hello.remove());

  for (const target of targets) {
    const { id, architecture } = target;
    it(`has the image somewhere else at each link, and the rest at each boot, on ${id}`, async () => {
      const [first, second] = links;
      assert.notEqual(first?.[architecture], second?.[architecture]);
      const exits = [await boot(hello.folder, target), await boot(hello.folder, target)];
      const places = exits.map(({ output, status }) => {
        assert.equal(status, 0, output);
        return output.split(/\s/).slice(0, 4);
      });
      assert.equal(places[0]?.[0], second?.[architecture]?.toString(16));
      assert.equal(places[1]?.[0], places[0]?.[0]);
      for (const what of [1, 2, 3]) assert.notEqual(places[0]?.[what], places[1]?.[what], JSON.stringify(places));
    });

    it(`has a crash reported with names on ${id}`, async () => {
      const { output, status } = await boot(hello.folder, target, ['crash']);
      assert.match(
        output,
        new RegExp(`in poke at src/main\\.c:${lineOf('the fault')}\n(.*\n)*.* in main at src/main\\.c`),
      );
      assert.equal(status, 139);
    });
  }

  for (const architecture of architectures) {
    it(`is no hindrance to the debugger on ${architecture}`, async () => {
      const artifact = join(hello.folder, 'build', architecture, 'artifact.json');
      const adapter = await DebugAdapter.start();
      try {
        const path = join(hello.folder, 'src', 'main.c');
        const stopped = adapter.waitForEvent('stopped');
        await adapter.launchGuest({ artifact, args: ['crash'] }, () =>
          adapter.setBreakpointsRequest({ source: { path }, breakpoints: [{ line: lineOf('the fault') }] }),
        );
        assert.equal(((await stopped) as DebugProtocol.StoppedEvent).body.reason, 'breakpoint');
        const { stackFrames } = (await adapter.stackTraceRequest({ threadId: 1 })).body;
        assert.deepEqual(
          stackFrames.slice(0, 2).map(({ name }) => name),
          ['poke', 'main'],
        );
        assert.equal(
          await adapter.evaluate('&main', stackFrames[0]!).then((text) => /0x\w+/.exec(text)?.[0]),
          `0x${links[1]?.[architecture]?.toString(16)}`,
        );
      } finally {
        await adapter.stop();
      }
    });

    it(`is the same in a recorded run that goes back, on ${architecture}`, async () => {
      const artifact = join(hello.folder, 'build', architecture, 'artifact.json');
      const adapter = await DebugAdapter.start();
      adapter.defaultTimeout = 20_000;
      try {
        const path = join(hello.folder, 'src', 'main.c');
        const breakpoints = [{ line: lineOf('sysconf') }];
        const { frame } = await adapter.runToStop(() =>
          adapter.launchGuest({ artifact, record: true }, () =>
            adapter.setBreakpointsRequest({ source: { path }, breakpoints }),
          ),
        );
        const places = async (where: DebugProtocol.StackFrame): Promise<string[]> =>
          Promise.all(['&local', 'mapped'].map((name) => adapter.evaluate(name, where)));
        const first = await places(frame);
        const back = await adapter.runToStop(() => adapter.stepBackRequest({ threadId: 1, granularity: 'statement' }));
        assert.equal(back.frame.line, frame.line - 1);
        assert.deepEqual(await places(back.frame), first);
        const again = await adapter.runToStop(() => adapter.continue());
        assert.equal(again.frame.line, frame.line);
        assert.deepEqual(await places(again.frame), first);
      } finally {
        await adapter.stop();
      }
    });

    it(`is in a dump, which opens later, on ${architecture}`, async () => {
      const dump = join(hello.folder, `${architecture}.dump`);
      const words = ['run', '--no-build', '--target', targetOf(architecture), '--dump', dump, '--', 'crash'];
      assert.equal((await unikernel(hello.folder, ...words)).exitCode, 139);
      const adapter = await DebugAdapter.start();
      try {
        await adapter.runToStop(() => adapter.launchGuest({ dump }));
        const { stackFrames } = (await adapter.stackTraceRequest({ threadId: 1 })).body;
        assert.equal(stackFrames.find(({ name }) => name === 'poke')?.line, lineOf('the fault'));
      } finally {
        await adapter.stop();
      }
    });

    it(`makes an image again where its offset is given, on ${architecture}`, async () => {
      const { image } = await readArtifact(hello.folder, architecture);
      const [bytes, { imageOffset }] = [await readFile(image), await reportOf(architecture)];
      assert.match(imageOffset ?? '', /^0x([1-9a-f]\w*000|0)$/);
      await changeProject(hello.folder, { aslr: imageOffset });
      await writeFile(join(hello.folder, 'src', 'main.c'), source);
      const { exitCode, stderr } = await unikernel(hello.folder, 'build', '--target', targetOf(architecture));
      assert.equal(exitCode, 0, stderr);
      assert.ok(bytes.equals(await readFile(image)));
    });
  }

  describe('at a given offset', () => {
    before(async () => {
      await changeProject(hello.folder, { aslr: '0xa000000' });
      await build();
    });

    for (const target of targets) {
      it(`loses no memory on ${target.id}`, async () => {
        const { output } = await boot(hello.folder, target);
        const [main, , , , mebibytes] = output.split(/\s/);
        const usual = (await elfOf(target.architecture)).segments[0]!.physicalAddress - 0xa000000n;
        assert.equal(usual, target.architecture === 'x86_64' ? 0x100000n : 0x40100000n);
        assert.ok(parseInt(main ?? '', 16) > Number(usual) + 0xa000000, output);
        assert.ok(Number(mebibytes) > 1016, output);
      });

      it(`refuses a guest that is too small on ${target.id}`, async () => {
        const words = ['run', '--no-build', '--target', target.id, '--memory', '128M'];
        const { exitCode, stderr } = await unikernel(hello.folder, ...words);
        assert.match(stderr, /The image does not fit into a guest with 128M of memory/);
        assert.equal(exitCode, 1);
      });
    }

    it('is linked as always without', async () => {
      await changeProject(hello.folder, { aslr: false });
      await build();
      for (const architecture of architectures) assert.equal((await reportOf(architecture)).imageOffset, undefined);
    });
  });
});
