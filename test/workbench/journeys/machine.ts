import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journey } from './journey';
import { lineOf } from './journey';

const snapshot: Journey = {
  name: 'a snapshot brings the guest back to where it was, and the memory map is a document',
  async run({ workbench, project }) {
    const { page } = workbench;
    await workbench.openFile('main.c');
    const line = await lineOf(project, 'int total');
    await workbench.setBreakpoint(line);
    await page.keyboard.press('F5');
    await page.locator('.debug-top-stack-frame-line').first().waitFor({ timeout: 60_000 });
    await workbench.command('Unikernel: Save Snapshot');
    await workbench.answer('A name for how the guest is now', 'before');
    await workbench.statusBarItem('Snapshot "before" saved').waitFor();
    await page.keyboard.press('F10');
    await workbench.waitForLine('main.c', line + 1);
    await workbench.command('Unikernel: Restore Snapshot…');
    await workbench.quickPick('before').click();
    await workbench.waitForLine('main.c', line);
    await workbench.command('Unikernel: Show Memory Map');
    await page
      .locator('.view-line', { hasText: /microvm\.ram/ })
      .first()
      .waitFor();
    await workbench.screenshot('memory-map');
    await workbench.command('View: Close Editor');
    await workbench.command('Remove All Breakpoints');
    await workbench.command('Debug: Stop');
    await page.locator('.debug-toolbar').waitFor({ state: 'hidden', timeout: 60_000 });
  },
};

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
export const machineJourneys: readonly Journey[] = [snapshot, processors];
