import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { journeys } from './journeys';
import type { Stage } from './journeys';
import { root, WorkbenchServer } from './server';

// Installs the workbench if it is missing, then runs every journey; the bundles must have been built before.
async function main(): Promise<void> {
  execFileSync(process.execPath, [join(__dirname, 'install.mjs')], { stdio: 'inherit' });
  const server = await WorkbenchServer.start({ package: join(root, 'out', 'unikernel-tools.vsix') });
  const stage: Partial<Stage> & Pick<Stage, 'server' | 'project'> = { server, project: join(server.folder, 'demo') };
  let passed = 0;
  let failed = 0;
  try {
    for (const journey of journeys) {
      const start = performance.now();
      try {
        await journey.run(stage as Stage);
        passed += 1;
        console.log(`ok   ${journey.name} (${Math.round(performance.now() - start)} ms)`);
      } catch (error) {
        failed += 1;
        console.log(`FAIL ${journey.name}`);
        console.error(error);
        const log = (await server.readLog()).split('\n');
        console.error(log.filter((line) => /\[(error|warning)\]/.test(line)).join('\n'));
        console.error(await stage.workbench?.notifications());
        await stage.workbench?.screenshot(`failed-${failed}`).catch(console.error);
        // Each journey begins where the last one ended.
        failed = journeys.length - passed;
        break;
      }
    }
  } finally {
    await stage.workbench?.close();
    await server.stop();
  }
  const counts = process.env['TEST_COUNTS'];
  if (counts !== undefined) writeFileSync(counts, JSON.stringify({ passed, failed, skipped: 0 }));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

void main();
