import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '../workbench';
import type { Workbench } from '../workbench';
import type { Journey } from './journey';
import { buildMilliseconds, firstBuildMilliseconds, withProgram } from './journey';

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
      await workbench.waitForTerminal(/demo\.elf|image/, buildMilliseconds);
      await workbench.screenshot('build');
    },
  },
  {
    name: 'an error of the compiler is in the problems panel, and goes when it is mended',
    async run({ workbench, project }) {
      const text = await readFile(join(project, 'src', 'main.c'), 'utf8');
      const panel = workbench.page.locator('.markers-panel', { hasText: 'missing_name' });
      await withProgram(project, `${text}\nint wrong(void) { return missing_name; }\n`, async () => {
        await workbench.command('Unikernel: Build');
        await workbench.waitForTerminal(/exit code: 1/, buildMilliseconds);
        // The error is below what the editor shows, so the panel is asked, not a squiggle.
        await workbench.command('Problems: Focus on Problems View');
        await panel.waitFor();
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
    },
  },
];
