// npm test: sets up what is missing, then runs every check and test and ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianPackages, installDebianPackages, installNpmPackages, root } from './setup.mjs';

const words = process.argv.slice(2);
const only = words.filter((word) => !word.startsWith('--'));
// Tests that have a longer form take it.
if (words.includes('--long')) process.env.UNIKERNEL_LONG = '1';
const total = { passed: 0, failed: 0, skipped: 0 };

installNpmPackages();
const missing = await installDebianPackages(Object.values(debianPackages).flat(), {
  yes: process.argv.includes('--yes'),
});
if (missing.length > 0) console.log(`set-up: going on without ${missing.join(' ')}; tests that need them will fail.`);

function command(name, args, env = {}) {
  console.log(`\n== ${name}`);
  const bin = `${root}/node_modules/.bin`;
  const path = `${bin}:${process.env.PATH}`;
  return (
    spawnSync(args[0], args.slice(1), { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path, ...env } })
      .status === 0
  );
}

/** A check counts as one test. */
function check(name, ...args) {
  if (command(name, args)) total.passed += 1;
  else total.failed += 1;
}

/** A suite writes its counts to a file; one that ends without them has failed as a whole. */
function suite(name, ...args) {
  const folder = mkdtempSync(join(tmpdir(), 'unikernel-tests-'));
  const counts = join(folder, 'counts.json');
  const ok = command(name, args, { TEST_COUNTS: counts });
  const result = existsSync(counts) ? JSON.parse(readFileSync(counts, 'utf8')) : { passed: 0, failed: 1, skipped: 0 };
  if (!ok && result.failed === 0) result.failed = 1;
  for (const key of Object.keys(total)) total[key] += result[key] ?? 0;
  rmSync(folder, { recursive: true });
}

const stages = {
  check() {
    check('types', 'tsc', '-p', '.');
    check('lint', 'eslint', '.');
    check('contributions', 'tsx', 'scripts/contributions.ts', '--check');
    check('C by clang and clang-tidy', 'tsx', 'scripts/clang.ts');
    check('types of the web pages', 'tsc', '-p', 'media/src');
    check('format', 'prettier', '--check', '--log-level=warn', '.');
    check('build', 'node', 'scripts/build.mjs');
  },
  unit() {
    suite('unit tests', 'mocha', 'test/unit/**/*.test.ts');
  },
  integration() {
    suite('integration tests', 'node', '--import', 'tsx', 'scripts/integration.ts');
  },
  workbench() {
    check('package', 'node', 'scripts/package.mjs');
    suite('tests in the extension host', 'node', '--import', 'tsx', 'test/workbench/runSuite.ts');
    suite('journeys in the workbench', 'node', '--import', 'tsx', 'test/workbench/run.ts');
  },
};

for (const [name, stage] of Object.entries(stages)) {
  if (only.length === 0 || only.includes(name)) stage();
}

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
