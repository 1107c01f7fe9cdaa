import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withEngine } from '../../scripts/engine';
import { closeBuilds } from './closeBuilds';
import { journeys as all } from './journeys';
import { root, WorkbenchServer } from './server';
import { Workbench } from './workbench';

// Installs the workbench if it is missing, then makes every journey in it; `npm run package` must have been run before.

/** TEST_GREP leaves out those that do not match; all need the project that the first makes. */
const wanted = new RegExp(process.env['TEST_GREP'] ?? '');
const journeys = all.filter(({ name }, index) => index === 0 || wanted.test(name));

/** How many journeys were made; they end at the first that fails, since each begins where the last one ended. */
async function makeJourneys(server: WorkbenchServer): Promise<number> {
  const workbench = await Workbench.open(server.url());
  try {
    await server.waitForExtensions();
    for (const [index, journey] of journeys.entries()) {
      const start = performance.now();
      try {
        await journey.run({ server, workbench, project: join(server.folder, 'demo') });
        console.log(`ok   ${journey.name} (${Math.round(performance.now() - start)} ms)`);
      } catch (error) {
        console.log(`FAIL ${journey.name}`);
        console.error(error);
        await workbench.screenshot('failed').catch(console.error);
        const log = (await server.readLog()).split('\n');
        console.error(log.filter((line) => /\[(error|warning)\]/.test(line)).join('\n'));
        console.error(await workbench.notifications().catch(String));
        return index;
      }
    }
    return journeys.length;
  } finally {
    await workbench.close();
  }
}

async function main(): Promise<void> {
  execFileSync(process.execPath, [join(__dirname, 'install.mjs')], { stdio: 'inherit' });
  const passed = await withEngine(async () => {
    const server = await WorkbenchServer.start({
      package: join(root, 'out', 'unikernel-tools.vsix'),
      arguments: ['--disable-workspace-trust'],
    });
    try {
      return await makeJourneys(server);
    } finally {
      await closeBuilds(join(server.folder, 'demo'));
      await server.stop();
    }
  });
  const failed = journeys.length - passed;
  const counts = process.env['TEST_COUNTS'];
  if (counts !== undefined) writeFileSync(counts, JSON.stringify({ passed, failed, skipped: 0 }));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

void main();
