import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journey } from './journey';
import { lineOf } from './journey';

const configuration = `{
  "configurations": [
    { "type": "unikernel", "request": "launch", "name": "Two CPUs", "project": "\${workspaceFolder}", "machine": { "smp": 2 } }
  ]
}
`;

const processors: Journey = {
  name: 'the CPUs of a machine from launch.json are threads',
  async run({ workbench, project }) {
    const { page } = workbench;
    await workbench.openFile('main.c');
    await workbench.setBreakpoint(await lineOf(project, 'int total'));
    const folder = join(project, '.vscode');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'launch.json'), configuration);
    try {
      await page.keyboard.press('F5');
      await page.locator('.debug-top-stack-frame-line').first().waitFor({ timeout: 60_000 });
      await workbench.callStack('CPU 1').waitFor();
      await workbench.screenshot('processors');
      await workbench.command('Remove All Breakpoints');
      await workbench.command('Debug: Stop');
      await page.locator('.debug-toolbar').waitFor({ state: 'hidden', timeout: 60_000 });
    } finally {
      await rm(join(folder, 'launch.json'));
    }
  },
};

/** What a person does with the machine around the program. */
export const machineJourneys: readonly Journey[] = [processors];
