import { runTests } from '@vscode/test-electron';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './server';
import { withSuite } from './suiteFiles';

// Runs the suite in the desktop's VS Code, which is downloaded; `npm run build` must have been run before.

void withSuite(async ({ tests, project, environment }) => {
  const profile = await mkdtemp(join(tmpdir(), 'unikernel-profile-'));
  try {
    return await runTests({
      cachePath: join(root, '.cache', 'vscode'),
      extensionDevelopmentPath: root,
      extensionTestsPath: tests,
      extensionTestsEnv: environment,
      launchArgs: [project, '--disable-extensions', '--disable-workspace-trust', `--user-data-dir=${profile}`],
    });
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
});
