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

export const runJourneys: readonly Journey[] = [
  {
    name: 'Run boots without the debugger; the terminal takes input and says the exit status',
    async run({ workbench, project }) {
      await workbench.selectTarget('x86_64-microvm');
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
    name: 'a crash shows where it was, with names and lines',
    async run({ workbench, project }) {
      await withProgram(project, crashing, async () => {
        await workbench.command('Unikernel: Run');
        await workbench.waitForTerminal(/read_from[^]*main\.c:3[^]*exit status 139/, 60_000);
        await workbench.screenshot('crash');
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
];
