import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import type { Toolchain } from './engine';
import { badToolchain, unknownLanguage } from './errors';

const extension = z.string().regex(/^\.[^./\\]+$/);
const toolchainSchema = z.object({
  title: z.string().min(1),
  takes: z.enum(['sources', 'program']).default('sources'),
  sourceExtensions: z.array(extension).default([]),
  headerExtensions: z.array(extension).default([]),
  hostPackages: z.array(z.string()).default([]),
});

/** Reads toolchains/ID/toolchain.json. */
export async function readToolchain(folder: string): Promise<Toolchain> {
  try {
    const text = await readFile(join(folder, 'toolchain.json'), 'utf8');
    return { id: basename(folder), folder, ...toolchainSchema.parse(JSON.parse(text)) };
  } catch (error) {
    throw badToolchain(folder, error);
  }
}

/** The identifiers of all toolchains: the folders with a Dockerfile. */
export async function listToolchains(toolchainsFolder: string): Promise<string[]> {
  const entries = await readdir(toolchainsFolder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
    .map((entry) => entry.name)
    .sort();
}

/** The toolchain of a language; an error that names the known ones where there is none. */
export async function findToolchain(toolchainsFolder: string, language: string): Promise<Toolchain> {
  const known = await listToolchains(toolchainsFolder);
  if (!known.includes(language)) throw unknownLanguage(language, known);
  return readToolchain(join(toolchainsFolder, language));
}
