import assert from 'node:assert/strict';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { runNatively } from './native';
import { boot, unikernel } from './unikernel';

const source = resolve(__dirname, '../fixtures/shares/main.c');

/** All that is below a folder: names, modes, links and contents; names as bytes, since not all are text. */
async function describeTree(folder: string): Promise<string[]> {
  const names = await readdir(folder, { encoding: 'buffer' });
  const described: string[] = [];
  for (const name of names.sort((one, other) => one.compare(other))) {
    const path = Buffer.concat([Buffer.from(`${folder}/`), name]);
    const { mode, nlink } = await lstat(path);
    const line = `${name.toString('latin1')} ${mode.toString(8)}`;
    if ((mode & 0o170000) === 0o040000) {
      const below = await describeTree(path.toString());
      described.push(line, ...below.map((text) => `  ${text}`));
    } else if ((mode & 0o170000) === 0o120000) described.push(`${line} -> ${await readlink(path)}`);
    else described.push(`${line} ${nlink} ${(await readFile(path)).toString('base64')}`);
  }
  return described;
}

describe('a folder of this computer', function () {
  this.timeout(300_000);
  let parent: string;
  let folder: string;
  let data: string;
  let native: Awaited<ReturnType<typeof runNatively>>;
  let expected: string[];

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unikernel-shares-'));
    folder = join(parent, 'shares');
    data = join(folder, 'data');
    await mkdir(join(folder, 'src'), { recursive: true });
    await writeFile(join(folder, 'src', 'main.c'), await readFile(source));
    const shares = ['data:/data', './kept:/var/lib/kept:ro'];
    await writeFile(join(folder, 'unikernel.json'), JSON.stringify({ name: 'shares', language: 'c', shares }));
    const built = await unikernel(folder, 'build');
    assert.equal(built.exitCode, 0, built.stderr);
    const place = join(parent, 'natively');
    await mkdir(place);
    native = await runNatively(source, parent, [place]);
    assert.equal(native.status, 0);
    expected = await describeTree(place);
    await mkdir(join(folder, 'kept'));
  });
  after(async () => {
    await unikernel(folder, 'clean');
    await rm(parent, { recursive: true });
  });

  for (const target of targets)
    it(`is as any other to the guest on ${target.id}, and what is done there stays`, async () => {
      await rm(data, { recursive: true, force: true });
      const { output, status } = await boot(folder, target, ['/data']);
      assert.deepEqual(output.split('\n'), native.output.split('\n'));
      assert.equal(status, 0);
      assert.deepEqual(await describeTree(data), expected);
    });
});
