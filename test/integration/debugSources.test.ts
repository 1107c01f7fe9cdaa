import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { readArtifact } from '../../src/build/build';
import { Guest } from '../../src/qemu/guest';
import { architectures, findTarget, targets } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { buildKernel, kernelSource, lineOf, type Kernel } from './kernel';
import { buildHello } from './unikernel';

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  const { architecture, machine } = findTarget(id)!;

  describe(`sources on ${id}`, function () {
    this.timeout(60_000);
    let kernel: Kernel;
    let moved: string;
    let adapter: DebugAdapter;
    let guest: Guest | undefined;

    before(async () => {
      kernel = await buildKernel(architecture);
      moved = await mkdtemp(join(tmpdir(), 'moved-'));
      await copyFile(kernelSource, join(moved, 'main.c'));
    });
    after(() => rm(moved, { recursive: true }));
    beforeEach(async () => {
      adapter = await DebugAdapter.start();
      adapter.defaultTimeout = 20_000;
    });
    afterEach(async () => {
      await adapter.stop();
      await guest?.dispose();
      guest = undefined;
    });

    /** Breakpoints are set in the moved source, and frames are in it. */
    const breakInMoved = async (begin: (configure: () => Promise<unknown>) => Promise<void>): Promise<void> => {
      const path = join(moved, 'main.c');
      const line = lineOf('loop');
      const { frame } = await adapter.runToStop(() =>
        begin(() => adapter.setBreakpointsRequest({ source: { path }, breakpoints: [{ line }] })),
      );
      assert.equal(frame.source?.path, path);
      assert.equal(frame.line, line);
      assert.equal(frame.presentationHint, undefined);
      const locations = await adapter.ask('breakpointLocations', { source: { path }, line, endLine: line + 1 });
      // The call, and the addition of what it returns.
      const columns = ['square', '+=']
        .map((text) => readFileSync(path, 'utf8').split('\n')[line - 1]!.indexOf(text) + 1)
        .sort((a, b) => a - b);
      assert.deepEqual(
        locations.breakpoints,
        columns.map((column) => ({ line, column })),
      );
      const { sources } = await adapter.ask('loadedSources', {});
      // The assembly was not moved.
      assert.deepEqual(sources, [{ name: 'main.c', path }]);
    };

    it('are found where a launch maps them to', () =>
      breakInMoved((configure) => {
        const sourceMap = { [dirname(kernelSource)]: moved };
        return adapter.launchGuest({ target: id, kernel: kernel.image, sourceMap }, configure);
      }));

    it('are found where an attach maps them to', async () => {
      const { image } = kernel;
      const connect = join(moved, 'gdb');
      const additionalArguments = ['-S', '-gdb', `unix:${connect},server=on,wait=off`];
      const options = { machine, image, memory: '64M', debug: true, additionalArguments };
      guest = await Guest.start(options, new AbortController().signal);
      await breakInMoved((configure) => {
        const sourceMap = { [dirname(kernelSource)]: moved };
        return adapter.attachToGuest({ connect, target: id, symbols: image, sourceMap }, configure);
      });
    });

    it('belong to the module that frames name', async () => {
      const { frame } = await adapter.runToStop(() =>
        adapter.launchGuest({ target: id, kernel: kernel.image }, () => adapter.breakAt(['loop'])),
      );
      const { modules, totalModules } = ((await adapter.customRequest('modules')) as DebugProtocol.ModulesResponse)
        .body;
      assert.equal(totalModules, 1);
      const [module] = modules;
      assert.equal(module?.id, frame.moduleId);
      const { image } = kernel;
      assert.deepEqual(
        { name: module?.name, path: module?.path, symbols: module?.symbolFilePath, status: module?.symbolStatus },
        { name: basename(image), path: image, symbols: image, status: 'Symbols and source lines' },
      );
      const [start, end] = module!.addressRange!.split('-').map(BigInt);
      const address = BigInt(frame.instructionPointerReference!);
      assert.ok(start! <= address && address < end!);
    });

    it('that are not on this machine leave frames to the disassembly', async () => {
      const sourceMap = { [dirname(kernelSource)]: join(moved, 'nowhere') };
      const { frame } = await adapter.runToStop(() =>
        adapter.launchGuest({ target: id, kernel: kernel.image, sourceMap }, () =>
          adapter.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'square' }] }),
        ),
      );
      assert.equal(frame.name, 'square');
      assert.equal(frame.source, undefined);
      assert.equal(frame.presentationHint, 'subtle');
      const memoryReference = frame.instructionPointerReference!;
      const { instructions } = await adapter.ask('disassemble', { memoryReference, instructionCount: 3 });
      assert.match(instructions[0]?.symbol ?? '', /^square/);
      assert.ok(instructions.every(({ location, line }) => location === undefined && line === undefined));
    });
  });
}

const source = `#include <stdio.h>

static void work(void)
{
    printf("one\\n");
    getchar();
}

int main(void)
{
    work();
}
`;

describe('the frames of a program with the library OS', function () {
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

  const frames = async (): Promise<DebugProtocol.StackFrame[]> =>
    (await adapter.stackTraceRequest({ threadId: 1 })).body.stackFrames;
  const own = (all: readonly DebugProtocol.StackFrame[]): string[] =>
    all.filter(({ presentationHint }) => presentationHint === undefined).map(({ name }) => name);

  for (const architecture of architectures) {
    const target = targets.find((candidate) => candidate.architecture === architecture)!.id;

    it(`are the person's own, and others that stand back, on ${target}`, async () => {
      const artifact = await readArtifact(hello.folder, architecture);
      await adapter.runToStop(() =>
        adapter.launchGuest({ target, artifact: join(hello.folder, 'build', architecture, 'artifact.json') }, () =>
          adapter.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'libos_sys_writev' }] }),
        ),
      );
      const all = await frames();
      // Where it stopped is what the person asked for, also when it is not their own.
      assert.deepEqual(own(all), ['libos_sys_writev', 'work', 'main']);
      assert.equal(all[0]?.source?.path, resolve(__dirname, '../../libos/syscalls/write.c'));
      const main = all.find(({ name }) => name === 'main');
      assert.deepEqual(main?.source, { name: 'main.c', path: join(hello.folder, 'src/main.c') });
      const libc = all.find(({ name }) => name === '__stdio_write');
      assert.equal(libc?.source, undefined);
      assert.equal(libc?.presentationHint, 'subtle');
      assert.ok(libc.instructionPointerReference);
      assert.equal(libc.moduleId, main.moduleId);
      const { modules } = await adapter.ask('modules', {});
      assert.deepEqual([modules[0]?.path, modules[0]?.symbolFilePath], [artifact.image, artifact.symbols]);

      await adapter.setFunctionBreakpointsRequest({ breakpoints: [] });
      const printed = adapter.assertOutput('stdout', 'one');
      await adapter.continue();
      await printed;
      await adapter.runToStop(() => adapter.pauseRequest({ threadId: 1 }));
      const paused = await frames();
      assert.deepEqual(own(paused), ['work', 'main']);
      const waiting = paused.find(({ source }) => source?.origin === 'library OS');
      assert.equal(waiting?.source?.presentationHint, 'deemphasize');
    });
  }
});
