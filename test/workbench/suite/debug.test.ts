import assert from 'node:assert/strict';
import { commands, debug, FunctionBreakpoint, tasks } from 'vscode';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Artifact } from '../../../src/build/artifact';
import { Guest } from '../../../src/qemu/guest';
import { defaultTarget } from '../../../src/targets';
import { aarch64Virt } from '../../../src/targets/aarch64-virt';
import { build, selectTarget } from './building';
import { breakpointAt, launch, startSession } from './debugging';
import {
  eventually,
  firstBuildMilliseconds,
  mainFile,
  next,
  openMainFile,
  slowSource,
  withFile,
  workspaceFolder,
} from './project';

/** The call in main's loop, made three times. */
const call = 'greet(greeting';

const endless = (): string => `int main(void) {
    for (volatile unsigned turns = 0;; turns++) {
    }
}
`;

describe('debugging in the editor', () => {
  before(async function () {
    this.timeout(firstBuildMilliseconds);
    await openMainFile();
  });

  afterEach(async () => {
    debug.removeBreakpoints(debug.breakpoints);
    await debug.stopDebugging();
  });

  for (const target of [defaultTarget, aarch64Virt]) {
    describe(`on ${target.id}`, () => {
      before(async () => {
        await selectTarget(target);
      });

      it('stops at a breakpoint by F5 without a launch.json, and runs to the end', async () => {
        debug.addBreakpoints([await breakpointAt(call)]);
        const session = await startSession(() => commands.executeCommand('workbench.action.debug.start'));
        const { reason, stack } = await session.stopAt(call);
        assert.equal(session.session.configuration['target'], target.id);
        assert.equal(reason, 'breakpoint');
        assert.equal(stack[0]?.name, 'main');

        const locals = await session.locals(stack[0]);
        assert.equal(locals.get('total')?.value, '3');
        const greeting = locals.get('greeting');
        assert.ok(greeting);
        assert.match((await session.children(greeting)).get('from')?.value ?? '', /"unikernel"/);

        await session.press('stepInto');
        assert.equal((await session.stop()).stack[0]?.name, 'greet');
        await session.press('stepOver');
        const inner = await session.stopAt('printf(');
        assert.deepEqual(
          inner.stack.slice(0, 2).map(({ name }) => name),
          ['greet', 'main'],
        );
        assert.ok(inner.stack[0]);
        assert.equal((await session.locals(inner.stack[0])).get('remaining')?.value, '2');
        await session.press('stepOut');
        assert.equal((await session.stop()).stack[0]?.name, 'main');

        debug.removeBreakpoints(debug.breakpoints);
        await session.press('continue');
        assert.equal(await session.end(), 0);
      });

      it('stops where a condition holds', async () => {
        debug.addBreakpoints([await breakpointAt(call, 'i == 1')]);
        const session = await launch();
        const { stack } = await session.stopAt(call);
        assert.ok(stack[0]);
        assert.equal((await session.locals(stack[0])).get('i')?.value, '1');
        await session.press('continue');
        assert.equal(await session.end(), 0);
      });

      it('stops in a function', async () => {
        debug.addBreakpoints([new FunctionBreakpoint('greet')]);
        const session = await launch();
        assert.equal((await session.stop()).stack[0]?.name, 'greet');
      });

      it('restarts', async () => {
        debug.addBreakpoints([await breakpointAt(call)]);
        const session = await launch();
        await session.stopAt(call);
        await session.press('continue');
        await session.stopAt(call);
        await session.press('restart');
        const { stack } = await session.stopAt(call);
        assert.ok(stack[0]);
        assert.equal((await session.locals(stack[0])).get('i')?.value, '0');
      });

      it('pauses and stops a guest that never ends', async () => {
        await withFile(mainFile().fsPath, endless, async () => {
          const session = await launch();
          await session.pause();
          const { reason, stack } = await session.stop();
          assert.equal(reason, 'pause');
          assert.ok(stack.some(({ name }) => name === 'main'));
          await session.press('stop');
          await session.end();
        });
      });

      it('attaches to a guest that runs already, and lets it go on', async () => {
        await withFile(mainFile().fsPath, endless, async () => {
          assert.equal(await build(), 0);
          const file = join(workspaceFolder().uri.fsPath, 'build', target.architecture, 'artifact.json');
          const { image, symbols, sourceMap } = JSON.parse(await readFile(file, 'utf8')) as Artifact;
          const folder = await mkdtemp(join(tmpdir(), 'attach-'));
          const connect = join(folder, 'gdb');
          const additionalArguments = ['-gdb', `unix:${connect},server=on,wait=off`];
          const options = { machine: target.machine, image, memory: '64M', additionalArguments };
          const guest = await Guest.start(options, new AbortController().signal);
          try {
            const session = await launch({ request: 'attach', connect, symbols, sourceMap });
            await session.pause();
            const { stack } = await session.stop();
            assert.ok(stack.some(({ name, source }) => name === 'main' && source?.path?.endsWith('main.c')));
            await session.press('disconnect');
            await session.end();
            await eventually('the guest goes on', () => guest.state === 'running');
          } finally {
            await guest.dispose();
            await rm(folder, { recursive: true });
          }
        });
      });

      it('lets go a guest that it launched, attaches to it again, and ends it', async () => {
        await withFile(mainFile().fsPath, endless, async () => {
          debug.addBreakpoints([new FunctionBreakpoint('main')]);
          const launched = await launch();
          await launched.stop();
          await launched.press('disconnect');
          debug.removeBreakpoints(debug.breakpoints);
          await launched.end();
          const session = await startSession(() => commands.executeCommand('unikernel.attach'));
          await session.pause();
          const { stack } = await session.stop();
          assert.ok(stack.some(({ name }) => name === 'main'));
          await session.press('stop');
          await session.end();
        });
      });

      it('runs without debugging, past every breakpoint, to the exit status', async () => {
        debug.addBreakpoints([await breakpointAt(call)]);
        await withFile(
          mainFile().fsPath,
          (text) => text.replace('return 0;', 'return 42;'),
          async () => {
            const session = await launch({}, { noDebug: true });
            assert.equal(await session.end(), 42);
          },
        );
      });
    });
  }

  it('does not start when its build fails', async () => {
    await withFile(
      mainFile().fsPath,
      () => 'int main(void) { return missing_name; }\n',
      async () => {
        assert.equal(
          await debug.startDebugging(undefined, { type: 'unikernel', request: 'launch', name: 'Test' }),
          false,
        );
      },
    );
  });

  it('does not wait for a build that was ended', async () => {
    await withFile(
      mainFile().fsPath,
      (text) => text + slowSource,
      async () => {
        const begun = next(tasks.onDidStartTask, () => true);
        const started = debug.startDebugging(undefined, { type: 'unikernel', request: 'launch', name: 'Test' });
        (await begun).execution.terminate();
        assert.equal(await started, false);
        assert.deepEqual(tasks.taskExecutions, []);
      },
    );
  });
});
