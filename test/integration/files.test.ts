import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { describeAsOnLinux, runNatively } from './native';
import { boot, unikernel } from './unikernel';

const sources = resolve(__dirname, '../fixtures/files');

describeAsOnLinux('files', 'files/main.c');

describe('files of the project', function () {
  this.timeout(300_000);
  let parent: string;
  let folder: string;
  let native: Awaited<ReturnType<typeof runNatively>>;
  const lines = (text: string): string[] => text.split('\n').sort();

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unikernel-files-'));
    folder = join(parent, 'packed');
    const data = join(folder, 'root', 'data');
    await mkdir(join(data, 'many'), { recursive: true });
    await mkdir(join(folder, 'src'));
    await writeFile(join(folder, 'src', 'main.c'), await readFile(join(sources, 'packed.c')));
    await writeFile(
      join(folder, 'unikernel.json'),
      JSON.stringify({ name: 'packed', language: 'c', files: 'root', memory: '64M' }),
    );
    for (const size of [0, 1, 4095, 4096, 4097, 8192, 70_000])
      await writeFile(join(data, `of-${size}`), randomBytes(size));
    await writeFile(join(data, 'big'), randomBytes(20_000_001));
    await writeFile(join(data, '.hidden ü'), 'hidden');
    await writeFile(join(data, 'run'), '#!/bin/sh\n');
    await chmod(join(data, 'run'), 0o755);
    await symlink('../data/big', join(data, 'link'));
    await symlink('/nowhere', join(data, 'dangling'));
    for (let index = 0; index < 3000; index++) await writeFile(join(data, 'many', `file-${index}`), `${index}`);
    const built = await unikernel(folder, 'build');
    assert.equal(built.exitCode, 0, built.stderr);
    // It changes a file, so it runs after the build.
    native = await runNatively(join(sources, 'packed.c'), parent, [join(folder, 'root')]);
    assert.equal(native.status, 0, native.output);
  });
  after(async () => {
    await unikernel(folder, 'clean');
    await rm(parent, { recursive: true });
  });

  for (const target of targets) {
    it(`are in the guest on ${target.id}, and can be changed there`, async () => {
      const { output, status } = await boot(folder, target);
      assert.deepEqual(lines(output), lines(native.output));
      assert.equal(status, 0);
    });
  }

  it('are refused where a guest cannot have them', async () => {
    const server = createServer();
    const socket = join(folder, 'root', 'socket');
    await new Promise<void>((listening) => server.listen(socket, listening));
    const { exitCode, stderr } = await unikernel(folder, 'build');
    await new Promise((closed) => server.close(closed));
    assert.equal(exitCode, 1);
    assert.match(stderr, /socket cannot be packed/);
    assert.match(stderr, /a socket/);
  });

  it('are not booted in a memory that is too small for them', async () => {
    const { exitCode, stderr } = await unikernel(folder, 'run', '--no-build', '--memory', '16M');
    assert.equal(exitCode, 1);
    assert.match(stderr, /do not fit into a guest with 16M/);
  });
});
