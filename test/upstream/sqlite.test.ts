import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { boot } from '../integration/unikernel';
import { checkCalls } from './calls';
import { keepUnderLoad } from './load';
import { buildProgram, removePrograms, type Built, type Program } from './program';
import { bootAtPrompt } from './prompt';

const sqlite = {
  package: 'sqlite3',
  archive: 'sqlite3_3.40.1.orig.tar.xz',
  sha256: 'aaa776260ab4dc976db34aa7891819484c8676b5b2783123ebc6301e2ca5d655',
  prepare: [
    ['./configure', '--quiet'],
    ['make', '-s', 'sqlite3.c', 'shell.c'],
  ],
  flags: ['-DSQLITE_OMIT_LOAD_EXTENSION', '-Isrc'],
  // The compiler is quick, and the test is not about how fast the program is.
  project: { memory: '256M', optimize: 'none' },
} satisfies Partial<Program>;

/** What a person does in the shell: journals of both kinds, mapped files, queries of all sorts, a backup, an error. */
const script = `.bail off
PRAGMA journal_mode = WAL;
PRAGMA mmap_size = 1000000;
CREATE TABLE place(id INTEGER PRIMARY KEY, name TEXT UNIQUE, area REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
  INSERT INTO place SELECT i, printf('place %05d', i * 7919 % 5003), i * 1.5 FROM n;
SELECT count(*), sum(area), min(name), max(name) FROM place;
CREATE INDEX by_area ON place(area DESC);
EXPLAIN QUERY PLAN SELECT name FROM place WHERE area > 100 ORDER BY area DESC;
SELECT name FROM place WHERE area > 7495 ORDER BY area DESC;
BEGIN; DELETE FROM place WHERE id % 2; SELECT changes(); ROLLBACK;
INSERT OR IGNORE INTO place VALUES (1, 'again', 0); SELECT changes();
SELECT count(*) FROM place a JOIN place b ON a.id = b.id + 1 WHERE a.name > b.name;
SELECT json_group_array(id) FROM place WHERE name LIKE '%00_7';
PRAGMA wal_checkpoint(TRUNCATE);
PRAGMA journal_mode = DELETE;
UPDATE place SET area = -area WHERE id < 100;
VACUUM;
PRAGMA integrity_check;
.backup copy.db
.open copy.db
SELECT count(*), total(area) FROM place;
.dump sqlite_stat1
SELECT datetime(1000000000, 'unixepoch'), typeof(random());
ATTACH 'other.db' AS other;
CREATE TABLE other.word AS SELECT name FROM place LIMIT 3;
SELECT * FROM other.word;
`;

/** The script in new files. */
const again = `.open --new other.db
.open --new first.db
.read script.sql
.print done
`;

describe('SQLite', function () {
  this.timeout(600_000);
  let shell: Built;
  let speed: Built;
  let shared: Built;

  before(async function () {
    const sources = ['sqlite3.c', 'shell.c'];
    shell = await buildProgram(this, {
      ...sqlite,
      name: 'sqlite',
      sources,
      files: { 'script.sql': script, 'again.sql': again },
    });
    shared = await buildProgram(this, { ...sqlite, name: 'shared', sources, project: { shares: ['data:/data'] } });
    speed = await buildProgram(this, { ...sqlite, name: 'speedtest', sources: ['sqlite3.c', 'test/speedtest1.c'] });
  });
  after(removePrograms);

  it('makes no call on Linux that discovery does not find', async function () {
    await checkCalls(this, shell.native.program, (before) =>
      shell.runNatively(['-batch', 'first.db', '.read script.sql'], before),
    );
    const words = ['--size', '1', '--mmap', '10000000', '--multithread', 'speed.db'];
    await checkCalls(this, speed.native.program, (before) => speed.runNatively(words, before));
  });

  for (const target of targets) {
    it(`answers a script on ${target.id} as on Linux`, async () => {
      const words = ['-batch', 'first.db', '.read script.sql'];
      const [{ output, status }, native] = [await boot(shell.folder, target, words), await shell.runNatively(words)];
      assert.deepEqual(output.split('\n'), native.output.split('\n'));
      assert.equal(status, native.status);
    });

    it(`answers it again and again on ${target.id}, and its memory stays`, async () => {
      const { output } = await shell.runNatively(['-batch', 'first.db', '.read script.sql']);
      const prompt = await bootAtPrompt(shell, target, ['-batch', '-cmd', '.print ready'], /ready/);
      const round = async (): Promise<number> => {
        assert.equal(await prompt.type('.read again.sql', /^done\n/m), `${output}done\n`);
        return 1;
      };
      try {
        await keepUnderLoad(`SQLite on ${target.id}`, () => prompt.freePages(), round);
      } finally {
        await prompt.stop();
      }
    });

    it(`keeps a database in a folder of this computer on ${target.id}`, async () => {
      const data = join(shared.folder, 'data');
      await rm(data, { recursive: true, force: true });
      const sql = (...lines: string[]): string[] => ['-batch', '/data/kept.db', lines.join(' ')];
      const fill = 'INSERT INTO n SELECT value, randomblob(200) FROM generate_series(1, 3000);';
      for (const mode of ['delete', 'wal']) {
        const first = await boot(
          shared.folder,
          target,
          sql(`PRAGMA journal_mode = ${mode};`, 'CREATE TABLE IF NOT EXISTS n(i, b);', fill),
        );
        assert.equal(first.output, `${mode}\n`);
        const second = await boot(
          shared.folder,
          target,
          sql('BEGIN; DELETE FROM n; ROLLBACK;', 'PRAGMA integrity_check; SELECT count(*) FROM n;'),
        );
        const count = mode === 'delete' ? 3000 : 6000;
        assert.equal(second.output, `ok\n${count}\n`);
        const { execa } = await import('execa');
        const here = await execa(shared.native.program, [
          join(data, 'kept.db'),
          'PRAGMA integrity_check; SELECT count(*), sum(i) FROM n;',
        ]);
        assert.equal(here.stdout, `ok\n${count}|${(count / 3000) * 4501500}`);
      }
      assert.deepEqual(await readdir(data), ['kept.db']);
    });

    for (const words of [[], ['--journal', 'wal'], ['--mmap', '10000000'], ['--multithread']]) {
      it(`does its speed test${words.map((word) => ` ${word}`).join('')} on ${target.id} as on Linux`, async () => {
        const all = ['--size', '1', '--verify', ...words, 'speed.db'];
        const [{ output, status }, native] = [await boot(speed.folder, target, all), await speed.runNatively(all)];
        const withoutTimes = (text: string): string[] => text.replaceAll(/\d+\.\d{3}s/g, 'TIME').split('\n');
        assert.deepEqual(withoutTimes(output), withoutTimes(native.output));
        assert.equal(status, native.status);
      });
    }
  }
});
