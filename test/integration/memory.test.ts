import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { buildHello, unikernel } from './unikernel';

const sources = resolve(__dirname, '../fixtures/memory');

describe('a program that prints', function () {
  this.timeout(300_000);
  let hello: Awaited<ReturnType<typeof buildHello>>;

  before(async () => {
    hello = await buildHello('#include <stdio.h>\nint main(void) { puts("printed"); return 5; }\n');
  });
  after(() => hello.remove());

  for (const { id } of targets) {
    it(`needs 2 MB of memory on ${id}`, async () => {
      const words = ['run', '--no-build', '--target', id, '--memory', '2M'];
      const { stdout, exitCode } = await unikernel(hello.folder, ...words);
      assert.match(stdout, /^printed/);
      assert.equal(exitCode, 5);
    });
  }
});

describe('memory', function () {
  this.timeout(300_000);
  let parent: string;
  let project: string;
  let native: string;

  const run = (target: string, memory: string, ...args: string[]) =>
    unikernel(project, 'run', '--no-build', '--target', target, '--memory', memory, ...args);

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unikernel-memory-'));
    project = join(parent, 'memory');
    await cp(sources, project, { recursive: true });
    await writeFile(
      join(project, 'unikernel.json'),
      JSON.stringify({ name: 'memory', language: 'c', sources: ['*.c'] }),
    );
    const { execa } = await import('execa');
    const program = join(parent, 'native');
    const files = ['areas.c', 'touch.c'].map((name) => join(sources, name));
    await execa('gcc', ['-std=gnu11', '-static', '-o', program, ...files]);
    native = (await execa(program, { reject: false })).stdout;
    const built = await unikernel(project, 'build');
    assert.equal(built.exitCode, 0, built.stderr);
  });
  after(async () => {
    await unikernel(project, 'clean');
    await rm(parent, { recursive: true });
  });

  for (const { id } of targets) {
    it(`does on ${id} with 64 MB what it does on Linux`, async () => {
      const { stdout, exitCode } = await run(id, '64M');
      assert.deepEqual(stdout.replaceAll('\r', '').split('\n'), native.split('\n'));
      assert.equal(exitCode, 7);
    });

    it(`ends on ${id} with a report when there is no memory left`, async () => {
      const { stderr, exitCode } = await run(id, '64M', '100');
      assert.match(stderr, /out of memory: all 6\d MiB are in use; "memory" in unikernel.json/);
      assert.equal(exitCode, 137);
    });

    it(`uses on ${id} RAM beyond 4 GiB`, async () => {
      const { stdout, exitCode } = await run(id, '6G', '64');
      assert.match(stdout, /touched 64 MiB/);
      assert.equal(exitCode, 0);
    });
  }
});
