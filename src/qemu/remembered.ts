import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cacheFolder } from '../folders';

/** Milliseconds for which an answer about this computer is believed. */
const lifetime = 3_600_000;

/**
 * The answer that was found within the last hour for this program, as it is now, and these words; else finds it.
 * Undefined is an answer, too. A cache that cannot be written only costs the time to find it again.
 */
export async function remembered(
  program: string,
  words: readonly string[],
  find: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const { mtimeMs, size } = await stat(program);
  const question = [program, mtimeMs, size, ...words].join(' ');
  const path = join(cacheFolder(), 'probes', [basename(program), ...words].join(' ').replace(/[^\w.=-]+/g, '_'));
  const kept = await read(path).catch(() => undefined);
  if (kept?.question === question) return kept.answer;
  const answer = await find();
  await write(path, JSON.stringify({ question, answer })).catch(() => undefined);
  return answer;
}

interface Kept {
  readonly question: string;
  readonly answer?: string;
}

async function read(path: string): Promise<Kept | undefined> {
  const [{ mtimeMs }, content] = await Promise.all([stat(path), readFile(path, 'utf8')]);
  return Date.now() - mtimeMs < lifetime ? (JSON.parse(content) as Kept) : undefined;
}

/** Whole or not at all: another session may read at the same time. */
async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const written = `${path}.${process.pid}`;
  await writeFile(written, content);
  await rename(written, path);
}
