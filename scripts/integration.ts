import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';

// Runs the integration suite: real engine, gdb and QEMU.
const folder = 'test/integration';
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.test.ts')) : [];
if (files.length === 0) {
  if (process.env['TEST_COUNTS']) writeFileSync(process.env['TEST_COUNTS'], JSON.stringify({ passed: 0, failed: 0 }));
} else {
  const paths = files.map((name) => `${folder}/${name}`);
  const args = ['--timeout', '60000', ...paths];
  process.exitCode = spawnSync('mocha', args, { stdio: 'inherit' }).status ?? 1;
}
