import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Target } from '../../../src/targets';
import { defaultTarget } from '../../../src/targets';
import { aarch64Virt } from '../../../src/targets/aarch64-virt';
import { waitFor } from '../workbench';
import type { Journey } from './journey';
import { withProgram } from './journey';

const asking = `#include <stdio.h>
int main(void) {
    char name[40];
    printf("Who are you?\\n");
    if (fgets(name, sizeof name, stdin) == NULL) return 1;
    printf("Good day, %s", name);
    return 3;
}
`;

const crashing = `#include <stdio.h>
static int read_from(const int *place) {
    return *place;
}
int main(void) {
    printf("Reading\\n");
    return read_from((const int *)8);
}
`;

const endless = `#include <stdio.h>
int main(void) {
    printf("For ever\\n");
    for (volatile unsigned i = 0;; i++) {
    }
}
`;

const savedConsole = `Reading

*** unikernel crash: page fault: read of 0x0000000000000008
    at 0x0000000000201271
registers:
    rax 0x0000000000000008 rbx 0x0000000000201275 rcx 0x00000000002039f0 rdx 0x0000000000000000
backtrace:
  #0 0x0000000000201271 in read_from at src/main.c:3
  #1 0x000000000020128d in main at src/main.c:7
*** end of crash
`;

function crash(target: Target): Journey {
  return {
    name: `a crash on ${target.id} shows where it was, with names and lines that open the source`,
    async run({ workbench, project }) {
      await withProgram(project, crashing, async () => {
        await workbench.selectTarget(target.id);
        await workbench.openFile('unikernel.json');
        await workbench.command('Unikernel: Run');
        await workbench.waitForTerminal(/read_from[^]*main\.c:3[^]*exit status 139/, 60_000);
        await workbench.screenshot(`crash-${target.id}`);
        await workbench.followTerminalLink('src/main.c:3');
        await workbench.waitForLine('main.c', 3);
      });
    },
  };
}

function control(target: Target): Journey {
  return {
    name: `a guest on ${target.id} that never ends is paused, restarted and stopped`,
    async run({ workbench, project }) {
      const { page } = workbench;
      const toolbar = page.locator('.debug-toolbar');
      await withProgram(project, endless, async () => {
        await workbench.openFile('main.c');
        await page.keyboard.press('F5');
        await workbench.waitForTerminal(/For ever/, 60_000);
        await workbench.pauseIn('main');
        await workbench.screenshot(`paused-${target.id}`);
        await toolbar.getByRole('button', { name: 'Restart' }).click();
        await workbench.callStack('main').waitFor({ state: 'detached' });
        await workbench.waitForTerminal(/For ever/, 60_000);
        await toolbar.locator('a.codicon-debug-stop').click();
        await toolbar.waitFor({ state: 'hidden' });
      });
    },
  };
}

const log: Journey = {
  name: 'a console that was saved is shown in colours',
  async run({ workbench, project }) {
    await writeFile(join(project, 'crash.console'), savedConsole);
    await workbench.openFile('crash.console');
    await workbench.statusBarItem('Unikernel Console Log').waitFor();
    const classOf = (text: string): Promise<string | null> =>
      workbench.page.locator('.view-line span span', { hasText: text }).first().getAttribute('class');
    const plain = await classOf('Reading');
    for (const text of ['unikernel crash', 'rax', 'read_from', 'src/main.c']) {
      assert.notEqual(await classOf(text), plain, text);
    }
    await workbench.screenshot('console-log');
  },
};

export const runJourneys: readonly Journey[] = [
  {
    name: 'Run boots without the debugger; the terminal takes input and says the exit status',
    async run({ workbench, project }) {
      await workbench.selectTarget(defaultTarget.id);
      await withProgram(project, asking, async () => {
        await workbench.command('Unikernel: Run');
        await workbench.waitForTerminal(/Who are you\?/, 60_000);
        await workbench.page.locator('.terminal-wrapper.active .xterm').click();
        await workbench.page.keyboard.type('unikernel\n');
        await workbench.waitForTerminal(/Good day, unikernel[^]*exit status 3/, 20_000);
        await workbench.screenshot('input');
      });
    },
  },
  {
    name: 'the buttons of the guest view pause, resume and power off a guest that runs',
    async run({ workbench, project }) {
      await withProgram(project, endless, async () => {
        await workbench.command('Unikernel: Run');
        await workbench.waitForTerminal(/For ever/, 60_000);
        await workbench.command('Unikernel: Open Guest View');
        const view = workbench.webview();
        const state = view.locator('#state');
        await state.filter({ hasText: 'running' }).waitFor();
        await view.getByRole('button', { name: 'Pause' }).click();
        await state.filter({ hasText: 'paused' }).waitFor();
        await view.getByRole('button', { name: 'Resume' }).click();
        await state.filter({ hasText: 'running' }).waitFor();
        await workbench.screenshot('guest-view-running');
        await workbench.command('Preferences: Toggle between Light/Dark Themes');
        await workbench.page.locator('.monaco-workbench.vs-dark').waitFor();
        await workbench.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
        await workbench.screenshot('guest-view-dark');
        await workbench.command('Preferences: Toggle between Light/Dark Themes');
        await workbench.page.locator('.monaco-workbench.vs').waitFor();
        await view.getByRole('button', { name: 'Power Off' }).click();
        await state.filter({ hasText: 'ended' }).waitFor();
        await waitFor(
          async () => !(await workbench.page.locator('.debug-toolbar').isVisible()),
          10_000,
          () => Promise.resolve('The session goes on although its guest was powered off.'),
        );
        await workbench.closeEditor('Guest');
      });
    },
  },
  {
    name: 'a guest that runs without the debugger is attached to, and goes on when that is let go',
    async run({ workbench, project }) {
      const { page } = workbench;
      // Not what the terminal shows of the guest before.
      await withProgram(project, endless.replace('For ever', 'Alone'), async () => {
        await workbench.command('Unikernel: Run');
        await workbench.waitForTerminal(/Alone/, 60_000);
        await workbench.command('Unikernel: Attach to Running Guest');
        // On its name: buttons appear in the rest of the row.
        await workbench.callStack('Attached to').click({ position: { x: 50, y: 8 } });
        // The toolbar grows with the second session: its buttons move.
        await page.locator('.debug-toolbar option:checked', { hasText: 'Attached to' }).waitFor({ state: 'attached' });
        await workbench.pauseIn('main');
        await workbench.screenshot('attached');
        await page
          .locator('.debug-toolbar')
          .getByLabel(/^Disconnect/)
          .click();
        await workbench.callStack('main').waitFor({ state: 'detached' });
        await workbench.command('Unikernel: Open Guest View');
        const view = workbench.webview();
        const state = view.locator('#state');
        await state.filter({ hasText: 'running' }).waitFor();
        await view.getByRole('button', { name: 'Pause' }).click();
        await state.filter({ hasText: 'paused' }).waitFor();
        await view.getByRole('button', { name: 'Power Off' }).click();
        await state.filter({ hasText: 'ended' }).waitFor();
        await workbench.closeEditor('Guest');
      });
    },
  },
  ...[aarch64Virt, defaultTarget].flatMap((target) => [crash(target), control(target)]),
  log,
];
