import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { commands, DiagnosticSeverity, languages, tasks, window } from 'vscode';
import type { Diagnostic } from 'vscode';
import { defaultTarget } from '../../../src/targets';
import { aarch64Virt } from '../../../src/targets/aarch64-virt';
import { build, buildTask, selectTarget } from './building';
import {
  eventually,
  exists,
  firstBuildMilliseconds,
  lineOf,
  mainFile,
  next,
  openMainFile,
  pathOf,
  slowSource,
  withFile,
} from './project';

const problems = (): Diagnostic[] => languages.getDiagnostics(mainFile());
const artifactOf = (architecture: string): string => pathOf('build', architecture, 'artifact.json');

describe('building in the editor', () => {
  it('has a task for the project, which Ctrl+Shift+B runs', async () => {
    const task = await buildTask();
    assert.equal(task.name, 'build demo');
    assert.deepEqual(task.definition, { type: 'unikernel', task: 'build', project: pathOf() });
    assert.equal(task.group?.id, 'build');
    assert.equal(task.group.isDefault, true);
  });

  it('makes an image by the task', async () => {
    assert.equal(await build(), 0);
    assert.ok(await exists(artifactOf('x86_64')));
    assert.ok(!(await exists(artifactOf('aarch64'))));
  }).timeout(firstBuildMilliseconds);

  it('shows what is inside the image, and the way to each system call', async () => {
    await commands.executeCommand('unikernel.showReport');
    const { document } = window.activeTextEditor!;
    assert.equal(document.uri.path, 'demo-x86_64.report');
    assert.match(document.getText(), /^ {2}writev: main -> .*__stdio_write$/m);
    await commands.executeCommand('workbench.action.closeActiveEditor');
  });

  it('builds for the target that is selected', async () => {
    await selectTarget(aarch64Virt);
    assert.equal(await build(), 0);
    assert.ok(await exists(artifactOf('aarch64')));
    await selectTarget(defaultTarget);
  });

  it('marks an error of the compiler in the source, and no longer when it is mended', async () => {
    const wrong = '    total = missing_name;\n    return 0;';
    await withFile(
      mainFile().fsPath,
      (text) => text.replace('    return 0;', wrong),
      async () => {
        assert.equal(await build(), 1);
        const [problem, ...others] = problems().filter(({ severity }) => severity === DiagnosticSeverity.Error);
        assert.ok(problem);
        assert.deepEqual(others, []);
        assert.match(problem.message, /'missing_name' undeclared/);
        assert.equal(problem.source, 'gcc');
        assert.equal(problem.range.start.line, await lineOf('missing_name'));
        assert.equal(problem.range.start.character, '    total = '.length);
      },
    );
    assert.equal(await build(), 0);
    assert.deepEqual(problems(), []);
  });

  it('keeps a warning while its file is up to date, and shows it once for both architectures', async () => {
    await withFile(
      mainFile().fsPath,
      (text) => text.replace('int main(void) {', 'int main(void) {\n    int idle;'),
      async () => {
        const check = async (): Promise<void> => {
          const [warning, ...others] = problems();
          assert.ok(warning);
          assert.deepEqual(others, []);
          assert.equal(warning.severity, DiagnosticSeverity.Warning);
          assert.equal(warning.code, '-Wunused-variable');
          assert.equal(warning.range.start.line, await lineOf('int idle'));
        };
        assert.equal(await build(), 0);
        await check();
        // Nothing is compiled again.
        assert.equal(await build(), 0);
        await check();
        await commands.executeCommand('unikernel.buildAll');
        await check();
      },
    );
    assert.equal(await build(), 0);
    assert.deepEqual(problems(), []);
  });

  it('builds for all targets in one task', async () => {
    await Promise.all(['x86_64', 'aarch64'].map((name) => rm(artifactOf(name))));
    const ended = next(tasks.onDidEndTaskProcess, () => true);
    await commands.executeCommand('unikernel.buildAll');
    const { exitCode, execution } = await ended;
    assert.equal(execution.task.name, 'build demo for all targets');
    assert.equal(exitCode, 0);
    for (const name of ['x86_64', 'aarch64']) assert.ok(await exists(artifactOf(name)), name);
  });

  it('stops compiling when the task is ended, so that the next build need not wait', async () => {
    await withFile(
      mainFile().fsPath,
      (text) => text + slowSource,
      async () => {
        const begun = next(tasks.onDidStartTask, () => true);
        const all = commands.executeCommand('unikernel.buildAll');
        const { execution } = await begun;
        execution.terminate();
        await all;
        assert.deepEqual(tasks.taskExecutions, []);
      },
    );
    const start = performance.now();
    assert.equal(await build(), 0);
    assert.ok(performance.now() - start < 15_000, 'the build waited for the one that was ended');
  });

  it('cleans', async () => {
    await openMainFile();
    await commands.executeCommand('unikernel.clean');
    assert.ok(!(await exists(pathOf('build'))));
    await eventually('the project still builds', async () => (await build()) === 0, 60_000);
  });
});
