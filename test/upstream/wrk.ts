import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roundSeconds } from './load';

/**
 * Has wrk ask for PATH on 50 connections, again and again for the time of a round; answers how many requests there were. Each must be
 * answered by 200 and BODY.
 */
export async function askByWrk(port: number, path: string, body: string | Buffer): Promise<number> {
  const { execa } = await import('execa');
  const folder = await mkdtemp(join(tmpdir(), 'unikernel-wrk-'));
  const expected = join(folder, 'expected');
  await writeFile(expected, body);
  const options = ['-t', '1', '-c', '50', '-d', `${roundSeconds}s`, '--timeout', '30s'];
  const words = [...options, '-s', join(__dirname, 'wrk.lua'), `http://127.0.0.1:${port}${path}`, '--', expected];
  const { stdout, stderr } = await execa('wrk', words, { timeout: 60_000 }).finally(() =>
    rm(folder, { recursive: true }),
  );
  const [, answers, failures = ''] = /^(\d+) answers, (.*)$/m.exec(stdout) ?? [];
  assert.equal(failures, '0 wrong, 0 connections failed, 0 reads, 0 writes, 0 too late', stdout + stderr);
  assert.ok(Number(answers) > 0, stdout);
  return Number(answers);
}
