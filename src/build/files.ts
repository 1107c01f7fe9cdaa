import { createHash } from 'node:crypto';
import {
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Progress } from '../progress';
import { cpioHeader, cpioPadding, cpioTrailer, type CpioEntry } from './cpio';
import { changedFile, largeFile, noFilesFolder, specialFile } from './errors';

interface FoundFile extends CpioEntry {
  /** A symbolic link's. */
  readonly target?: string;
  /** Tells whether it is still the same. */
  readonly stamp: string;
}

const types = { folder: 0o040000, file: 0o100000, link: 0o120000 };
const largest = 2 ** 32 - 1;

/**
 * Packs a folder into an archive that the guest begins with as its root. The archive follows from names and contents: times and
 * owners of this machine are not in it. Links stay links. Where nothing changed since the last time, nothing is written.
 */
export async function packFiles(
  folder: string,
  archive: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) throw noFilesFolder(folder);
  progress({ message: 'Looking at the files' });
  const found = await scan(folder, '', signal);
  const key = createHash('sha256').update(JSON.stringify(found)).digest('hex');
  const keyFile = `${archive}.key`;
  const isThere = (await stat(archive).catch(() => undefined)) !== undefined;
  if (isThere && (await readFile(keyFile, 'utf8').catch(() => '')) === key) return;
  await mkdir(dirname(archive), { recursive: true });
  await rm(keyFile, { force: true });
  const temporary = `${archive}.new`;
  try {
    const output = await open(temporary, 'w');
    try {
      await write(folder, found, output, progress, signal);
    } finally {
      await output.close();
    }
    await rename(temporary, archive);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await writeFile(keyFile, key);
}

/** All below a folder, each folder before what is in it, in the order of their names' bytes. */
async function scan(root: string, path: string, signal: AbortSignal): Promise<FoundFile[]> {
  signal.throwIfAborted();
  const names = await readdir(join(root, path));
  const found: FoundFile[] = [];
  for (const name of names.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))) {
    const child = path === '' ? name : `${path}/${name}`;
    const status = await lstat(join(root, child));
    const stamp = `${status.ino} ${status.mtimeMs} ${status.ctimeMs}`;
    if (status.isDirectory()) {
      found.push({ path: child, mode: types.folder | 0o755, size: 0, stamp: '' }, ...(await scan(root, child, signal)));
    } else if (status.isSymbolicLink()) {
      const target = await readlink(join(root, child));
      found.push({ path: child, mode: types.link | 0o777, size: Buffer.byteLength(target), target, stamp: '' });
    } else if (status.isFile()) {
      if (status.size > largest) throw largeFile(join(root, child));
      found.push({ path: child, mode: types.file | (status.mode & 0o100 ? 0o755 : 0o644), size: status.size, stamp });
    } else {
      throw specialFile(join(root, child), status.isSocket() ? 'a socket' : status.isFIFO() ? 'a pipe' : 'a device');
    }
  }
  return found;
}

async function write(
  folder: string,
  found: readonly FoundFile[],
  output: FileHandle,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const total = found.reduce((sum, { size }) => sum + size, 0);
  let offset = 0;
  let packed = 0;
  const put = async (bytes: Buffer): Promise<void> => {
    await output.writeFile(bytes);
    offset += bytes.length;
  };
  for (const [index, file] of found.entries()) {
    signal.throwIfAborted();
    await put(cpioHeader(file, offset, index + 1));
    if (file.target !== undefined) await put(Buffer.from(file.target));
    else if (file.size > 0) await copyContent(join(folder, file.path), file.size, put, signal);
    await put(cpioPadding(file.size));
    packed += file.size;
    if (index % 100 === 0 || file.size > 1_000_000)
      progress({ message: `Packing ${file.path}`, fraction: total === 0 ? 1 : packed / total });
  }
  await put(cpioTrailer(offset));
}

/** As many bytes as the header says, or an error. */
async function copyContent(
  path: string,
  size: number,
  put: (bytes: Buffer) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const input = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(Math.min(size, 1 << 20));
    for (let done = 0; done < size;) {
      signal.throwIfAborted();
      const { bytesRead } = await input.read(buffer, 0, Math.min(buffer.length, size - done));
      if (bytesRead === 0) throw changedFile(path);
      await put(buffer.subarray(0, bytesRead));
      done += bytesRead;
    }
    if ((await input.stat()).size !== size) throw changedFile(path);
  } finally {
    await input.close();
  }
}
