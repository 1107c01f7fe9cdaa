import { applyEdits, modify } from 'jsonc-parser';
import { randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { UnikernelError } from '../errors';
import { badName, badTemplate, cannotCreate, destinationTaken } from './errors';
import { projectFileName } from './project';
import { projectSchema } from './schema';

/** A complete project to begin with: a folder in templates/, described by its template.json. */
export interface Template {
  /** The folder's name. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** The file to begin reading with, below the project's folder. */
  readonly mainFile: string;
  /** Absolute path of the template. */
  readonly folder: string;
}

const templateFileName = 'template.json';
const templateSchema = z.object({
  title: z.string().min(1),
  description: z.string().min(1),
  mainFile: z.string().min(1),
});

/** The templates below a folder, by identifier; folders without a template.json are none. */
export async function listTemplates(templatesFolder: string): Promise<Template[]> {
  const entries = await readdir(templatesFolder, { withFileTypes: true });
  const templates = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => readTemplate(join(templatesFolder, entry.name))),
  );
  return templates.filter((template) => template !== undefined).sort((one, other) => one.id.localeCompare(other.id));
}

async function readTemplate(folder: string): Promise<Template | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, templateFileName), 'utf8');
  } catch {
    return undefined;
  }
  try {
    return { id: basename(folder), folder, ...templateSchema.parse(JSON.parse(text)) };
  } catch (error) {
    throw badTemplate(folder, `Its ${templateFileName} is wrong: ${String(error)}`);
  }
}

/**
 * Makes a project from a template in a new or empty folder. All or nothing: it is written beside the destination and
 * then renamed, and what was there before is never changed.
 */
export async function createProject(template: Template, destinationFolder: string, name: string): Promise<void> {
  const checked = projectSchema.shape.name.safeParse(name);
  if (!checked.success) throw badName(name, checked.error.issues.map(({ message }) => message).join('; '));
  const destination = resolve(destinationFolder);
  const temporary = join(dirname(destination), `.${basename(destination)}.${randomUUID()}`);
  try {
    if (!(await isFree(destination))) throw destinationTaken(destination);
    await mkdir(dirname(destination), { recursive: true });
    await copyTemplate(template, temporary, name);
    // rename(2) replaces an empty folder and fails on any other, so nothing that appeared meanwhile is lost.
    await rename(temporary, destination);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (error instanceof UnikernelError || !(error instanceof Error)) throw error;
    throw cannotCreate(destination, error);
  }
}

async function isFree(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return true;
    if (code === 'ENOTDIR') return false;
    throw error;
  }
}

async function copyTemplate(template: Template, folder: string, name: string): Promise<void> {
  const left = new Set([templateFileName, 'build', 'gitignore'].map((entry) => join(template.folder, entry)));
  await cp(template.folder, folder, { recursive: true, filter: (source) => !left.has(source) });
  // Packages drop files called .gitignore, so templates carry it without the dot.
  await cp(join(template.folder, 'gitignore'), join(folder, '.gitignore')).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
  const file = join(folder, projectFileName);
  const text = await readFile(file, 'utf8');
  await writeFile(file, applyEdits(text, modify(text, ['name'], name, {})));
}
