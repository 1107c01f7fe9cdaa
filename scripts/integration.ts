import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { withEngine } from './engine';

// Runs the integration suite: real engine, gdb and QEMU. The engine is started here where none runs.
const folders = ['test/integration', 'test/conformance', 'test/upstream', 'test/fuzz'];
const files = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`),
);

async function main(): Promise<void> {
  await withEngine(() => {
    const args = ['--timeout', '60000', ...files];
    process.exitCode = spawnSync('mocha', args, { stdio: 'inherit' }).status ?? 1;
    return Promise.resolve();
  });
}

void main();
