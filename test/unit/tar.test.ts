import assert from 'node:assert/strict';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { packTar, unpackTar } from '../../src/toolchain/tar';

function archiveOf(header: { name: string }): Readable {
  const archive = pack();
  archive.entry(header, 'bad');
  archive.finalize();
  return Readable.from(archive);
}

describe('archives', () => {
  let folder: string;
  let inside: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unikernel-tar-'));
    inside = join(folder, 'inside');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('come out as they went in', async () => {
    const file = { path: 'out/ä/name with space', bytes: Buffer.from([0, 1, 255]), mode: 0o755 };
    await unpackTar(packTar(['out', 'out/ä'], [file]), inside);
    assert.deepEqual(await readFile(join(inside, file.path)), file.bytes);
    assert.deepEqual(await readdir(join(inside, 'out', 'ä')), ['name with space']);
  });

  for (const name of ['../escaped', 'a/../../escaped', '/escaped-from-root', '..']) {
    it(`with ${name} are refused`, async () => {
      await assert.rejects(unpackTar(archiveOf({ name }), inside), { code: 'archive.unsafe' });
      assert.deepEqual(await readdir(folder), ['inside']);
      await assert.rejects(access('/escaped-from-root'));
    });
  }

  for (const type of ['symlink', 'link'] as const) {
    it(`with a ${type} out of the folder are refused`, async () => {
      const archive = pack();
      archive.entry({ name: 'way', type, linkname: '..' });
      archive.entry({ name: 'way/escaped' }, 'bad');
      archive.finalize();
      await assert.rejects(unpackTar(Readable.from(archive), inside), { code: 'archive.unsafe' });
      assert.deepEqual(await readdir(folder), ['inside']);
      assert.deepEqual(await readdir(inside), []);
    });
  }

  it('that are cut off are an error', async () => {
    const whole = await packTar([], [{ path: 'a', bytes: Buffer.alloc(5000), mode: 0o644 }]).toArray();
    const bytes = Buffer.concat(whole as Buffer[]).subarray(0, 2000);
    await assert.rejects(unpackTar(Readable.from([bytes]), inside));
    assert.deepEqual(await readdir(inside), []);
  });
});
