import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { unsafePath } from './errors';

/** A file to put in an archive. */
export interface TarFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/** Packs folders and files into a tar archive; all of it is root's, and as old as the archives of a reproducible build. */
export function packTar(folders: readonly string[], files: readonly TarFile[]): Readable {
  const archive = pack();
  const mtime = new Date(1000);
  for (const folder of folders) archive.entry({ name: folder, type: 'directory', mode: 0o755, mtime });
  for (const { path, bytes, mode } of files) archive.entry({ name: path, mode, mtime }, Buffer.from(bytes));
  archive.finalize();
  return Readable.from(archive);
}

/** The absolute path of an archive's entry below a folder; an error where it would lie outside of it. */
export function safeDestination(folder: string, path: string): string {
  const destination = resolve(folder, path);
  const inside = relative(resolve(folder), destination);
  if (isAbsolute(path) || inside === '..' || inside.startsWith(`..${sep}`) || path.includes('\0'))
    throw unsafePath(path);
  return destination;
}

/**
 * Unpacks an archive into a folder. Each file is written beside its place and renamed, so that a reader never sees half of
 * one. Only files and folders are taken; a link or a path that leaves the folder is an error.
 */
export async function unpackTar(archive: NodeJS.ReadableStream, folder: string): Promise<void> {
  const root = resolve(folder);
  await mkdir(root, { recursive: true });
  const entries = extract();
  archive.on('error', (error: Error) => {
    entries.destroy(error);
  });
  archive.pipe(entries);
  for await (const entry of entries) {
    const { name, type, linkname, mode } = entry.header;
    const destination = safeDestination(root, name);
    if (type === 'directory') {
      await mkdir(destination, { recursive: true });
      entry.resume();
    } else if (type === 'file' || type === 'contiguous-file') {
      await writeWhole(destination, await buffer(entry), mode & 0o777);
    } else {
      throw unsafePath(linkname ? `${name} -> ${linkname}` : name);
    }
  }
}

/** Writes a file under another name and renames it into place. */
export async function writeWhole(path: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${randomUUID()}`);
  try {
    await writeFile(temporary, bytes, { mode });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
