import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journey } from './journey';

export const projectJourneys: readonly Journey[] = [
  {
    name: 'New Project… writes a project and opens it with its main file',
    async run({ server, workbench, project }) {
      await workbench.command('Unikernel: New Project…');
      await workbench.quickPick('C: hello').waitFor();
      await workbench.screenshot('new-project');
      await workbench.quickPick('C: hello').click();
      await workbench.answer('Name of the project', 'demo');
      // The dialog writes where it begins into its input once that folder is listed.
      await workbench.quickPick('..').waitFor();
      await workbench.page.locator('.quick-input-widget input.input').fill(`${server.folder}/`);
      await workbench.page.locator('.quick-input-widget .monaco-button', { hasText: 'Create Here' }).click();
      await workbench.statusBarItem('x86_64-microvm').waitFor({ timeout: 40_000 });
      assert.match(await readFile(join(project, 'unikernel.json'), 'utf8'), /"name": "demo"/);
      await workbench.page.locator('.tab.active[data-resource-name="main.c"]').waitFor();
      await workbench.screenshot('project');
    },
  },
  {
    name: 'a wrong unikernel.json is marked while it is edited',
    async run({ workbench, project }) {
      const file = join(project, 'unikernel.json');
      const text = await readFile(file, 'utf8');
      await workbench.openFile('unikernel.json');
      await writeFile(file, text.replace('"language"', '"langauge"'));
      await workbench.page.locator('.squiggly-error').first().waitFor();
      await workbench.command('Problems: Focus on Problems View');
      await workbench.page.locator('.markers-panel', { hasText: 'did you mean "language"' }).waitFor();
      await workbench.screenshot('wrong-project-file');
      await writeFile(file, text);
      await workbench.page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
    },
  },
  {
    name: 'the target of the status bar is kept with the workspace',
    async run({ workbench }) {
      await workbench.selectTarget('x86_64-q35');
      await workbench.reload();
      await workbench.statusBarItem('x86_64-q35').waitFor({ timeout: 40_000 });
      await workbench.selectTarget('x86_64-microvm');
    },
  },
  {
    name: 'Check Setup names what there is',
    async run({ workbench }) {
      await workbench.command('Unikernel: Check Setup');
      const output = workbench.page.locator('.output-view-container, .panel .monaco-editor').first();
      await output.getByText('[ok]').first().waitFor();
      await workbench.page.locator('.notification-toast', { hasText: 'everything that is needed is here' }).waitFor();
      await workbench.screenshot('check-setup');
      await workbench.command('Notifications: Clear All Notifications');
    },
  },
];
