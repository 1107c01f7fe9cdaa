import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { withEngine } from './engine';

// Runs the integration suite: real engine, gdb and QEMU. The engine is started here where none runs.
const folder = 'test/integration';
const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));

async function main(): Promise<void> {
  await withEngine(() => {
    const args = ['--timeout', '60000', ...files.map((name) => `${folder}/${name}`)];
    process.exitCode = spawnSync('mocha', args, { stdio: 'inherit' }).status ?? 1;
    return Promise.resolve();
  });
}

void main();
