import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { packFiles } from '../../src/build/files';

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly content: Buffer;
  readonly at: number;
}

/** Reads an archive as its format is described, apart from the code that writes it. */
function readCpio(archive: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; ;) {
    assert.equal(archive.toString('latin1', at, at + 6), '070701');
    const field = (index: number): number =>
      parseInt(archive.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16);
    const start = (at + 110 + field(11) + 3) & ~3;
    const name = archive.toString('utf8', at + 110, at + 110 + field(11)).replace(/\0+$/, '');
    if (name === 'TRAILER!!!') return entries;
    entries.push({ name, mode: field(1), content: archive.subarray(start, start + field(6)), at: start });
    at = (start + field(6) + 3) & ~3;
  }
}

describe('packing files', () => {
  let folder: string;
  let archive: string;
  const { signal } = new AbortController();
  const nothing = (): void => undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unikernel-pack-'));
    archive = join(folder, 'build', 'files.cpio');
    await mkdir(join(folder, 'root', 'folder'), { recursive: true });
    await writeFile(join(folder, 'root', 'folder', 'small'), 'small');
    await writeFile(join(folder, 'root', 'large'), Buffer.alloc(10_000, 7));
    await symlink('folder/small', join(folder, 'root', 'link'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps folders, files and links, and begins large files at a page', async () => {
    await packFiles(join(folder, 'root'), archive, nothing, signal);
    const bytes = await readFile(archive);
    const entries = readCpio(bytes);
    assert.equal(bytes.length % 4096, 0);
    assert.deepEqual(
      entries.map(({ name, mode, content }) => [name, mode.toString(8), content.length]),
      [
        ['folder', '40755', 0],
        ['folder/small', '100644', 5],
        ['large', '100644', 10_000],
        ['link', '120777', 12],
      ],
    );
    assert.equal(entries[2]!.at % 4096, 0);
    assert.equal(entries[3]!.content.toString(), 'folder/small');
  });

  it('gives the same bytes whenever the files are the same, and writes nothing where nothing changed', async () => {
    await packFiles(join(folder, 'root'), archive, nothing, signal);
    const [first, before] = [await readFile(archive), await stat(archive)];
    await packFiles(join(folder, 'root'), archive, nothing, signal);
    assert.equal((await stat(archive)).ino, before.ino);
    await utimes(join(folder, 'root', 'large'), 1, 1);
    await packFiles(join(folder, 'root'), archive, nothing, signal);
    assert.notEqual((await stat(archive)).ino, before.ino);
    assert.deepEqual(await readFile(archive), first);
  });

  it('tells how far it is, and leaves nothing half done when it is cancelled', async () => {
    const cancel = new AbortController();
    const steps: string[] = [];
    const progress = ({ message }: { message: string }): void => {
      steps.push(message);
      if (message.startsWith('Packing')) cancel.abort();
    };
    await assert.rejects(packFiles(join(folder, 'root'), archive, progress, cancel.signal), { name: 'AbortError' });
    assert.ok(steps.includes('Packing folder'), steps.join());
    await assert.rejects(stat(archive));
    await assert.rejects(stat(`${archive}.new`));
  });

  it('names a folder that is missing', async () => {
    await assert.rejects(packFiles(join(folder, 'none'), archive, nothing, signal), { code: 'files.missing' });
  });
});
