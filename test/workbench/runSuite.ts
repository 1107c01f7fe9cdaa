import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { format } from 'node:util';
import { root, WorkbenchServer } from './server';
import { withSuite } from './suiteFiles';
import { launchBrowser } from './workbench';

// Runs the suite in the extension host of the workbench in a browser; `npm run build` must have been run before.

const limitMilliseconds = 1_200_000;

/** Opens a window that runs the tests; gives the exit code that VS Code says. */
async function runTests(server: WorkbenchServer, tests: string, project: string): Promise<number> {
  const remote = (path: string): string => `vscode-remote://127.0.0.1:${server.port}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(root)],
    ['extensionTestsPath', remote(tests)],
  ];
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const errors: string[] = [];
    page.setDefaultNavigationTimeout(60_000);
    await page.exposeFunction('codeAutomationLog', (type: string, values: unknown[]) => {
      const line = format(...values);
      // Mocha indents all that it prints; what begins at the margin is VS Code's own.
      if (line.startsWith(' ')) console.log(line);
      else if (type === 'error') errors.push(line);
    });
    const ended = new Promise<number>((resolve, reject) => {
      const fail = (why: string) => (): void => {
        reject(new Error(`The tests did not end: ${why}.`));
      };
      page.once('crash', fail('the window crashed'));
      setTimeout(fail(`${limitMilliseconds} ms went by`), limitMilliseconds).unref();
      void page.exposeFunction('codeAutomationExit', resolve);
    });
    const query = new URLSearchParams({ folder: project, payload: JSON.stringify(payload) });
    await page.goto(`http://127.0.0.1:${server.port}/?${query.toString()}`);
    const exitCode = await ended;
    if (exitCode !== 0) console.error(errors.join('\n'));
    return exitCode;
  } finally {
    await browser.close();
  }
}

execFileSync(process.execPath, [join(__dirname, 'install.mjs')], { stdio: 'inherit' });
void withSuite(async ({ tests, project, environment }) => {
  const server = await WorkbenchServer.start({
    arguments: ['--disable-workspace-trust', '--vscode-option', 'enable-smoke-test-driver'],
    environment,
  });
  try {
    return await runTests(server, tests, project);
  } finally {
    await server.stop();
  }
});
