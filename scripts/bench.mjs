// npm run bench: sets up what is missing, then measures the figures and prints them (test/bench/main.ts).
import { debianPackages, installDebianPackages, installNpmPackages, run } from './setup.mjs';

const args = process.argv.slice(2);
installNpmPackages();
const wanted = [...debianPackages.run, ...debianPackages.engine, ...debianPackages.test];
const missing = await installDebianPackages(wanted, { yes: args.includes('--yes') });
if (missing.length > 0) console.log(`set-up: going on without ${missing.join(' ')}.`);
const ok = run('node', ['scripts/build.mjs']) && run('node', ['--import', 'tsx', 'test/bench/main.ts', ...args]);
process.exitCode = ok ? 0 : 1;
