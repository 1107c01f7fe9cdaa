import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { BuildInput } from './engine';
import type { TarFile } from './tar';

/** What a builder holds: the SHA-256 of each input by its path. It lies in the builder, so it is lost with it. */
export type Manifest = Readonly<Record<string, string>>;

export const manifestFileName = '.inputs.json';

const manifestSchema = z.record(z.string(), z.string());

/** Reads a manifest; anything that is not one counts as empty, and then everything is sent. */
export function parseManifest(text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/** What must be done to a builder so that it holds the inputs. */
export interface Changes {
  readonly send: readonly TarFile[];
  readonly remove: readonly string[];
  readonly manifest: Manifest;
}

/** Compares the inputs with what the builder holds. */
export async function findChanges(inputs: readonly BuildInput[], held: Manifest): Promise<Changes> {
  const files = await Promise.all(
    inputs.map(async ({ path, content }) => {
      const bytes = 'file' in content ? await readFile(content.file) : content.bytes;
      return { path, bytes, mode: 0o644, hash: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
  const manifest = Object.fromEntries(files.map(({ path, hash }) => [path, hash]));
  return {
    send: files.filter(({ path, hash }) => held[path] !== hash),
    remove: Object.keys(held).filter((path) => manifest[path] === undefined),
    manifest,
  };
}

/** The lines of a SHA256SUMS file: hashes by file name. */
export function parseChecksums(text: string): Map<string, string> {
  const lines = text.split('\n').flatMap((line) => {
    const match = /^([0-9a-f]{64}) [ *](?:\.\/)?(.+)$/.exec(line);
    return match?.[1] !== undefined && match[2] !== undefined ? [[match[2], match[1]] as const] : [];
  });
  return new Map(lines);
}

/** True when the file is there with that SHA-256. */
export async function hasContent(path: string, hash: string): Promise<boolean> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes !== undefined && createHash('sha256').update(bytes).digest('hex') === hash;
}
