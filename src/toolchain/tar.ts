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

/** Who owns the entries of an archive, and when they were changed. */
export interface TarOptions {
  /** User and group; 0 where it is not given. */
  readonly owner?: number;
  /** Milliseconds since 1970; kept to the millisecond, which ninja needs to see quick edits. */
  readonly modified?: number;
}

/** Packs folders and files into a tar archive. */
export function packTar(folders: readonly string[], files: readonly TarFile[], options: TarOptions = {}): Readable {
  const archive = pack();
  const { owner = 0, modified = 0 } = options;
  const common = {
    uid: owner,
    gid: owner,
    mtime: new Date(modified),
    ...(modified > 0 && { pax: { mtime: (modified / 1000).toFixed(3) } }),
  };
  for (const folder of folders) archive.entry({ ...common, name: folder, type: 'directory', mode: 0o755 });
  for (const { path, bytes, mode } of files) archive.entry({ ...common, name: path, mode }, Buffer.from(bytes));
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

/** Reads the only file of an archive, as getArchive makes one. */
export async function readSingleFile(archive: NodeJS.ReadableStream): Promise<Buffer> {
  const entries = extract();
  archive.on('error', (error: Error) => {
    entries.destroy(error);
  });
  archive.pipe(entries);
  let content = Buffer.alloc(0);
  for await (const entry of entries) content = Buffer.concat([content, await buffer(entry)]);
  return content;
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
