import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '../workbench';
import type { Workbench } from '../workbench';
import type { Journey } from './journey';
import { buildMilliseconds, firstBuildMilliseconds, lineOf, withProgram } from './journey';

const artifactOf = (project: string, architecture: string): string =>
  join(project, 'build', architecture, 'artifact.json');

const exists = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Waits until a build has made its artifact; a build that fails ends the wait at once. */
async function waitForArtifact(workbench: Workbench, artifact: string, milliseconds: number): Promise<void> {
  const explain = async (): Promise<string> => `No ${artifact}:\n${await workbench.terminalText()}`;
  const built = async (): Promise<boolean> => {
    if (await exists(artifact)) return true;
    if (/exit code: [1-9]/.test(await workbench.terminalText())) throw new Error(await explain());
    return false;
  };
  await waitFor(built, milliseconds, explain);
}

export const buildJourneys: readonly Journey[] = [
  {
    name: 'Ctrl+Shift+B makes an image and shows the compiler at work',
    async run({ workbench, project }) {
      await workbench.openFile('main.c');
      await workbench.page.keyboard.press('Control+Shift+B');
      await waitForArtifact(workbench, artifactOf(project, 'x86_64'), firstBuildMilliseconds);
      await workbench.waitForTerminal(/Built build/, buildMilliseconds);
      await workbench.screenshot('build');
    },
  },
  {
    name: 'an error and a warning of the compiler are in the problems panel and clickable, and go when they are mended',
    async run({ workbench, project }) {
      const text = await readFile(join(project, 'src', 'main.c'), 'utf8');
      const wrong = 'static int wrong(void) {\n    int idle;\n    return missing_name;\n}\n\n';
      const panel = workbench.page.locator('.markers-panel .monaco-list-row');
      await withProgram(project, text.replace('int main', `${wrong}int main`), async () => {
        const line = await lineOf(project, 'static int wrong');
        await workbench.command('Unikernel: Build');
        await workbench.waitForTerminal(/exit code: 1/, buildMilliseconds);
        await workbench.screenshot('build-failed');
        await workbench.followTerminalLink(`src/main.c:${line}:12`);
        await workbench.waitForLine('main.c', line);
        await workbench.page.locator('.squiggly-error').first().waitFor();
        await workbench.command('Problems: Focus on Problems View');
        await panel.filter({ hasText: "'missing_name' undeclared" }).waitFor();
        await panel.filter({ hasText: "unused variable 'idle'" }).waitFor();
        await workbench.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
        await workbench.screenshot('problems');
      });
      await workbench.command('Unikernel: Build');
      await workbench.page.locator('.statusbar-item[aria-label="No Problems"]').waitFor({ timeout: buildMilliseconds });
    },
  },
  {
    name: 'Clean removes what was built, and Build for All Targets builds both architectures',
    async run({ workbench, project }) {
      await workbench.command('Unikernel: Clean');
      await waitFor(
        async () => !(await exists(join(project, 'build'))),
        buildMilliseconds,
        () => Promise.resolve('Clean left the build folder.'),
      );
      await workbench.command('Unikernel: Build for All Targets');
      await waitForArtifact(workbench, artifactOf(project, 'x86_64'), firstBuildMilliseconds);
      await waitForArtifact(workbench, artifactOf(project, 'aarch64'), firstBuildMilliseconds);
      await workbench.waitForTerminal(/x86_64 +\[[^]*aarch64 +\[[^]*Built build/, buildMilliseconds);
      await workbench.screenshot('build-all');
    },
  },
  {
    name: 'Show Report says what is inside the image, and the way to each system call',
    async run({ workbench }) {
      await workbench.command('Unikernel: Show Report');
      const lines = workbench.page.locator('.editor-instance .view-line');
      await lines.filter({ hasText: /image,\s.*in\smemory/ }).waitFor();
      await workbench.screenshot('report');
      await workbench.closeEditor('.report');
    },
  },
];
