import type { Target } from '../../../src/targets';
import { defaultTarget } from '../../../src/targets';
import { aarch64Virt } from '../../../src/targets/aarch64-virt';
import type { Journey, Stage } from './journey';
import { firstBuildMilliseconds, lineOf } from './journey';

async function debugToBreakpoint({ workbench }: Stage, target: Target): Promise<void> {
  const { page } = workbench;
  await workbench.selectTarget(target.id);
  await page.locator('.tab[data-resource-name="main.c"]').click();
  await page.keyboard.press('F5');
  await page.locator('.debug-toolbar').waitFor({ timeout: firstBuildMilliseconds });
  await workbench.callStack('main').waitFor({ timeout: 60_000 });
  await page.locator('.debug-top-stack-frame-line').first().waitFor();
  await workbench.variable('total').waitFor();
}

function stepping(target: Target): Journey {
  return {
    name: `F5 stops at a breakpoint on ${target.id}: variables, hover, watch, steps, registers`,
    async run(stage) {
      const { workbench, project } = stage;
      const { page } = workbench;
      await workbench.openFile('main.c');
      await workbench.setBreakpoint(await lineOf(project, 'greet(greeting'));
      await debugToBreakpoint(stage, target);

      await workbench.expandVariable('greeting', '"unikernel"');

      await workbench.hoverValue('sizeof places', 'total', '3');
      await workbench.screenshot(`hover-${target.id}`);
      await page.mouse.move(700, 500);

      // The editor keeps its watches: that of the first target is still there.
      if (target === defaultTarget) await workbench.addWatch('total * 2 + i');
      await page.locator('.debug-watch .monaco-list-row', { hasText: '6' }).waitFor();

      // Into greet, and out of it again.
      await page.keyboard.press('F11');
      await workbench.callStack('greet').waitFor();
      await page.keyboard.press('F10');
      await workbench.variable(/remaining.*2/).waitFor();
      await workbench.screenshot(`step-${target.id}`);
      await page.keyboard.press('Shift+F11');
      await workbench.callStack('greet').waitFor({ state: 'detached' });

      // Once round the loop, from where main is shown again.
      await workbench.variable('places').waitFor();
      await page.keyboard.press('F5');
      await workbench.variable(/^i\s*=\s*1$/).waitFor();
      await workbench.expandVariable('greeting', /virtual\smachine/);
      await workbench.callStack('Load More').waitFor({ state: 'detached' });
      await page.mouse.move(900, 780);
      await page.getByText('Add Expression').waitFor({ state: 'hidden' });
      await workbench.screenshot(`breakpoint-${target.id}`);

      await workbench.expandVariable('Registers', 'General');
      const [flags, field] = target === defaultTarget ? ['eflags', /^CF\s=/] : (['cpsr', /^N\s=/] as const);
      await workbench.scrollVariables();
      await workbench.expandVariable('Flags', flags);
      await workbench.scrollVariables();
      await workbench.expandVariable(flags, field);
      await workbench.screenshot(`registers-${target.id}`);
    },
  };
}

function ending(target: Target): Journey {
  return {
    name: `continuing on ${target.id} runs to the end, and the terminal says the exit status`,
    async run({ workbench, project }) {
      await workbench.removeBreakpoint(await lineOf(project, 'greet(greeting'));
      await workbench.page.keyboard.press('F5');
      await workbench.page.locator('.debug-toolbar').waitFor({ state: 'hidden', timeout: 60_000 });
      await workbench.waitForTerminal(/Hello from a single address space![^]*exit status 0/, 20_000);
      await workbench.screenshot(`console-${target.id}`);
    },
  };
}

const guestView: Journey = {
  name: 'the guest view shows the guest, its state and its console',
  async run({ workbench }) {
    await workbench.command('Unikernel: Open Guest View');
    const view = workbench.webview();
    await view.locator('#target', { hasText: defaultTarget.id }).waitFor();
    await view.locator('#state', { hasText: 'paused' }).waitFor();
    await view.locator('#uptime', { hasText: /up \d+ min/ }).waitFor();
    await workbench.screenshot('guest-view-paused');
  },
};

const guestViewAtEnd: Journey = {
  name: 'the guest view shows that the guest ended, and what it printed',
  async run({ workbench }) {
    const view = workbench.webview();
    await view.locator('#state', { hasText: 'ended' }).waitFor();
    await view.locator('.xterm-rows', { hasText: 'Hello' }).waitFor();
    await workbench.screenshot('guest-view');
    await workbench.closeEditor('Guest');
  },
};

export const debugJourneys: readonly Journey[] = [
  stepping(defaultTarget),
  guestView,
  ending(defaultTarget),
  guestViewAtEnd,
  stepping(aarch64Virt),
  ending(aarch64Virt),
];
