import { defaultTarget, type Target } from '../../../src/targets';
import { aarch64Virt } from '../../../src/targets/aarch64-virt';
import type { Journey } from './journey';
import { lineOf, withProgram } from './journey';

const crashing = `#include <stdio.h>
static int read_from(const int *place) {
    return *place;
}
int main(void) {
    printf("Reading\\n");
    return read_from((const int *)8);
}
`;

function fault(target: Target): Journey {
  return {
    name: `a fault on ${target.id} stops the debugger where it was, with the cause`,
    async run({ workbench, project }) {
      const { page } = workbench;
      await workbench.selectTarget(target.id);
      await withProgram(project, crashing, async () => {
        await workbench.openFile('main.c');
        await page.keyboard.press('F5');
        await workbench.callStack('read_from').waitFor({ timeout: 60_000 });
        await page.locator('.exception-widget', { hasText: /read of 0x0*8/ }).waitFor();
        await workbench.waitForLine('main.c', 3);
        await workbench.variable('place').waitFor();
        await workbench.screenshot(`fault-${target.id}`);
        await page.keyboard.press('F5');
        await page.locator('.debug-toolbar').waitFor({ state: 'hidden', timeout: 60_000 });
      });
    },
  };
}

const dataBreakpoint: Journey = {
  name: 'a breakpoint on a variable stops where it is written',
  async run({ workbench, project }) {
    const { page } = workbench;
    await workbench.selectTarget(defaultTarget.id);
    await workbench.openFile('main.c');
    // The guest comes by only once.
    await workbench.setBreakpoint(await lineOf(project, 'for (int i'));
    await page.keyboard.press('F5');
    await page.locator('.debug-top-stack-frame-line').first().waitFor({ timeout: 60_000 });
    await workbench.chooseFromMenu(workbench.variable(/^remaining/), 'Break on Value Change');
    await page.locator('.debug-breakpoints .monaco-list-row', { hasText: 'remaining' }).waitFor();
    await page.keyboard.press('F5');
    await page.getByText('Paused on data breakpoint').waitFor();
    await workbench.variable(/^remaining\s*=\s*2$/).waitFor();
    await workbench.screenshot('data-breakpoint');
  },
};

const disassembly: Journey = {
  name: 'the disassembly view shows the instructions at a stop and steps over one',
  async run({ workbench }) {
    const { page } = workbench;
    await workbench.command('Open Disassembly View');
    const view = page.locator('.disassembly-view');
    await view
      .locator('.monaco-list-row', { hasText: /mov|call/ })
      .first()
      .waitFor();
    await workbench.screenshot('disassembly');
    await workbench.closeEditor('Disassembly');
    await workbench.command('Remove All Breakpoints');
    await page.keyboard.press('F5');
    await page.locator('.debug-toolbar').waitFor({ state: 'hidden', timeout: 60_000 });
  },
};

const stepBack: Journey = {
  name: 'a recorded run is stepped backwards',
  async run({ workbench, project }) {
    const { page } = workbench;
    await workbench.openFile('main.c');
    const line = await lineOf(project, 'int total');
    await workbench.setBreakpoint(line);
    await workbench.command('Unikernel: Record and Replay');
    await page.locator('.debug-top-stack-frame-line').first().waitFor({ timeout: 60_000 });
    await page.keyboard.press('F10');
    await workbench.waitForLine('main.c', line + 1);
    await page.locator('.debug-toolbar').getByRole('button', { name: 'Step Back' }).click();
    await workbench.waitForLine('main.c', line);
    await workbench.screenshot('step-back');
    await workbench.command('Remove All Breakpoints');
    await workbench.command('Debug: Stop');
    await page.locator('.debug-toolbar').waitFor({ state: 'hidden', timeout: 60_000 });
  },
};

/** What a person looks deeper with, once they can stop. */
export const depthJourneys: readonly Journey[] = [
  fault(aarch64Virt),
  fault(defaultTarget),
  dataBreakpoint,
  disassembly,
  stepBack,
];
