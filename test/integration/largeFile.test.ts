import assert from 'node:assert/strict';
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { inForm, isLong } from '../form';
import { boot, unikernel } from './unikernel';

const mebibyte = 1 << 20;
/** More than the guest's memory, and no whole number of pages. */
const size = inForm(8, 400) * mebibyte + 1234;

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function writeRandomFile(path: string): Promise<void> {
  const file = await open(path, 'w');
  const part = Buffer.alloc(mebibyte);
  for (let written = 0; written < size; written += part.length)
    await file.write(randomFillSync(part), 0, Math.min(part.length, size - written));
  await file.close();
}

describe('a large file in a folder of this computer', function () {
  this.timeout(600_000);
  let parent: string;
  let folder: string;

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unikernel-large-'));
    folder = join(parent, 'large');
    await cp(resolve(__dirname, '../fixtures/largeFile'), folder, { recursive: true });
    const project = {
      name: 'large',
      language: 'c',
      sources: ['main.c'],
      shares: ['data:/data'],
      memory: inForm('8M', '64M'),
    };
    await writeFile(join(folder, 'unikernel.json'), JSON.stringify(project));
    const built = await unikernel(folder, 'build');
    assert.equal(built.exitCode, 0, built.stderr);
    await mkdir(join(folder, 'data'));
    await writeRandomFile(join(folder, 'data', 'from'));
  });
  after(async () => {
    await unikernel(folder, 'clean');
    await rm(parent, { recursive: true });
  });

  for (const target of targets)
    it(`is read, copied by calls and by mapped pages on ${target.id}`, async () => {
      const { output, status } = await boot(folder, target, ['/data/from', '/data/copied', '/data/mapped']);
      assert.equal(status, 0, output);
      const times = [...output.matchAll(/^(\w+): (\d+) bytes in (\d+) ms$/gm)];
      assert.deepEqual(
        times.map(([, name, bytes]) => `${name} ${bytes}`),
        ['read', 'copied', 'mapped'].map((name) => `${name} ${size}`),
      );
      const expected = await hashOf(join(folder, 'data', 'from'));
      for (const name of ['copied', 'mapped']) assert.equal(await hashOf(join(folder, 'data', name)), expected, name);
      const rates = times.map(
        ([, name, , time]) => `${name} ${Math.round(size / mebibyte / (Number(time) / 1000))} MiB/s`,
      );
      if (isLong) console.log(`${target.id}: ${rates.join(', ')}`);
    });
});
