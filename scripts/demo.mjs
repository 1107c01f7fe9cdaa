// npm run demo: sets up what is missing, then runs the main job from end to end (scripts/demo.ts).
import { debianPackages, installDebianPackages, installNpmPackages, run } from './setup.mjs';

const args = process.argv.slice(2);
installNpmPackages();
const wanted = [...debianPackages.run, ...debianPackages.engine];
const missing = await installDebianPackages(wanted, { yes: args.includes('--yes') });
if (missing.length > 0) console.log(`set-up: going on without ${missing.join(' ')}.`);
const ok = run('node', ['scripts/build.mjs']) && run('node', ['--import', 'tsx', 'scripts/demo.ts', ...args]);
process.exitCode = ok ? 0 : 1;
