// npm run demo: sets up what is missing, then runs the main job from end to end (scripts/demo.ts); with --workbench it serves
// the workbench instead (scripts/workbench.ts).
import { debianPackages, installDebianPackages, installNpmPackages, run } from './setup.mjs';

// The steps get the interrupt too, and clean up; this waits for them.
process.on('SIGINT', () => undefined);

const args = process.argv.slice(2);
const workbench = args.includes('--workbench');
installNpmPackages();
const wanted = [...debianPackages.run, ...debianPackages.engine, ...(workbench ? debianPackages.workbench : [])];
const missing = await installDebianPackages(wanted, { yes: args.includes('--yes') });
if (missing.length > 0) console.log(`set-up: going on without ${missing.join(' ')}.`);
const steps = workbench
  ? [['test/workbench/install.mjs'], ['scripts/package.mjs'], ['--import', 'tsx', 'scripts/workbench.ts']]
  : [['scripts/build.mjs'], ['--import', 'tsx', 'scripts/demo.ts', ...args]];
process.exitCode = steps.every((step) => run('node', step)) ? 0 : 1;
