import assert from 'node:assert/strict';
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkbenchServer } from './server';
import { waitFor, Workbench } from './workbench';

/** What a person does, in the order in which it is done; each journey begins where the last one ended. */
export interface Journey {
  readonly name: string;
  run(stage: Stage): Promise<void>;
}

export interface Stage {
  readonly server: WorkbenchServer;
  /** Where the new project goes. */
  readonly project: string;
  workbench: Workbench;
}

const buildMilliseconds = 300_000;

const exists = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function debugToBreakpoint(stage: Stage, target: string): Promise<void> {
  const { page } = stage.workbench;
  await selectTarget(stage.workbench, target);
  await page.locator('.tab[data-resource-name="main.c"]').click();
  await page.keyboard.press('F5');
  await page.locator('.debug-toolbar').waitFor({ timeout: buildMilliseconds });
  const frame = page.locator('.debug-call-stack .monaco-list-row', { hasText: 'main' }).first();
  await frame.waitFor({ timeout: 60_000 });
  await page.locator('.debug-top-stack-frame-line').first().waitFor();
  await page.locator('.debug-variables .monaco-list-row', { hasText: 'total' }).first().waitFor();
  await stage.workbench.screenshot(`breakpoint-${target}`);
}

async function selectTarget(workbench: Workbench, target: string): Promise<void> {
  await workbench.statusBarItem(/x86_64|aarch64/).click();
  await workbench.quickPick(target).click();
  await workbench.statusBarItem(target).waitFor();
}

async function continueToEnd(stage: Stage): Promise<void> {
  const { page } = stage.workbench;
  await page.keyboard.press('F5');
  await page.locator('.debug-toolbar').waitFor({ state: 'hidden', timeout: 60_000 });
}

export const journeys: readonly Journey[] = [
  {
    name: 'New Project… writes a project and opens it',
    async run(stage) {
      stage.workbench = await Workbench.open(stage.server.url());
      await stage.server.waitForExtensions();
      const { workbench } = stage;
      await workbench.command('Unikernel: New Project…');
      await workbench.quickPick('C: hello').waitFor();
      await workbench.screenshot('new-project');
      await workbench.quickPick('C: hello').click();
      await workbench.answer('Name of the project', 'demo');
      // The dialog writes where it begins into its input once that folder is listed.
      await workbench.quickPick('..').waitFor();
      await workbench.page.locator('.quick-input-widget input.input').fill(`${stage.server.folder}/`);
      await workbench.page.locator('.quick-input-widget .monaco-button', { hasText: 'Create Here' }).click();
      await workbench.statusBarItem('x86_64-microvm').waitFor({ timeout: 40_000 });
      assert.match(await readFile(join(stage.project, 'unikernel.json'), 'utf8'), /"name": "demo"/);
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
    name: 'Ctrl+Shift+B makes an image and shows the compiler at work',
    async run({ workbench, project }) {
      await workbench.openFile('main.c');
      await workbench.page.keyboard.press('Control+Shift+B');
      const artifact = join(project, 'build', 'x86_64', 'artifact.json');
      const explain = async (): Promise<string> => `No ${artifact}:\n${await workbench.terminalText()}`;
      await waitFor(() => exists(artifact), buildMilliseconds, explain);
      await workbench.screenshot('build');
    },
  },
  {
    name: 'an error of the compiler is in the problems panel, and goes when it is mended',
    async run({ workbench, project }) {
      const file = join(project, 'src', 'main.c');
      const text = await readFile(file, 'utf8');
      await writeFile(file, `${text}\nint wrong(void) { return missing_name; }\n`);
      await workbench.command('Unikernel: Build');
      const panel = workbench.page.locator('.markers-panel', { hasText: 'missing_name' });
      // The error is below what the editor shows, so the panel is asked, not a squiggle.
      await workbench.command('Problems: Focus on Problems View');
      await panel.waitFor({ timeout: buildMilliseconds });
      await workbench.screenshot('problems');
      await writeFile(file, text);
      await workbench.command('Unikernel: Build');
      await panel.waitFor({ state: 'detached', timeout: buildMilliseconds });
    },
  },
  {
    name: 'F5 stops at a breakpoint on x86_64',
    async run(stage) {
      const { workbench } = stage;
      await workbench.openFile('main.c');
      const lines = (await readFile(join(stage.project, 'src', 'main.c'), 'utf8')).split('\n');
      const main = lines.findIndex((line) => /^int main\b/.test(line));
      const first = lines.findIndex((line, index) => index > main && line.includes('greet('));
      await workbench.toggleBreakpoint(first + 1);
      await debugToBreakpoint(stage, 'x86_64-microvm');
    },
  },
  {
    name: 'the guest view shows the guest and its console',
    async run(stage) {
      const { workbench } = stage;
      await workbench.command('Unikernel: Open Guest View');
      const view = workbench.webview();
      await view.locator('#target', { hasText: 'x86_64-microvm' }).waitFor();
      await view.locator('#state', { hasText: 'paused' }).waitFor();
      await workbench.screenshot('guest-view-paused');
      await continueToEnd(stage);
      await view.locator('#state', { hasText: 'ended' }).waitFor();
      await view.locator('.xterm-rows', { hasText: 'Hello' }).waitFor();
      await workbench.screenshot('guest-view');
    },
  },
  {
    name: 'F5 stops at the same breakpoint on aarch64, and the console shows what the guest prints',
    async run(stage) {
      await debugToBreakpoint(stage, 'aarch64-virt');
      await continueToEnd(stage);
      await stage.workbench.waitForTerminal(/Hello/, 20_000);
      await stage.workbench.screenshot('console-aarch64');
    },
  },
];
