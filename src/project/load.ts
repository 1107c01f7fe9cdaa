import { findNodeAtLocation, getNodePath, parse, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import { access, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { z } from 'zod';
import { messageOf } from '../errors';
import type { Problem, Project } from './project';
import { projectFileName } from './project';
import { projectSchema } from './schema';

/** A project, or what is wrong with its file. */
export interface LoadedProject {
  readonly project?: Project;
  readonly problems: readonly Problem[];
}

/** Finds the project that a file or folder belongs to: the nearest folder upwards with a unikernel.json. */
export async function findProject(startFolder: string): Promise<string | undefined> {
  const folder = resolve(startFolder);
  try {
    await access(join(folder, projectFileName));
    return folder;
  } catch {
    const parent = dirname(folder);
    return parent === folder ? undefined : findProject(parent);
  }
}

/** Reads and checks FOLDER/unikernel.json. A wrong or missing file gives problems, not an exception. */
export async function loadProject(folder: string): Promise<LoadedProject> {
  const file = join(resolve(folder), projectFileName);
  let text: string;
  try {
    // A byte order mark is no part of the text.
    text = (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
  } catch (error) {
    return { problems: [problemAt(file, '', 0, `cannot be read: ${messageOf(error)}`)] };
  }
  const { configuration, problems } = checkProject(file, text);
  if (configuration === undefined) return { problems };
  return { project: { folder: resolve(folder), configuration }, problems };
}

/** Checks the text of a unikernel.json; problems carry the place in the text. */
export function checkProject(
  file: string,
  text: string,
): { configuration?: z.output<typeof projectSchema>; problems: Problem[] } {
  const errors: ParseError[] = [];
  const options = { allowTrailingComma: true };
  const value: unknown = parse(text, errors, options);
  if (errors.length > 0) {
    return { problems: errors.map(({ error, offset }) => problemAt(file, text, offset, describeSyntaxError(error))) };
  }
  const tree = parseTree(text, [], options);
  const duplicates = tree === undefined ? [] : duplicateKeys(tree).map((key) => duplicateKeyProblem(file, text, key));
  const result = projectSchema.safeParse(value);
  if (result.success && duplicates.length === 0) return { configuration: result.data, problems: [] };
  const issues = result.success ? [] : result.error.issues.flatMap((issue) => issueProblems(file, text, tree, issue));
  return { problems: [...duplicates, ...issues] };
}

function issueProblems(file: string, text: string, tree: Node | undefined, issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const node = tree && findNodeAtLocation(tree, [...path, key]);
      const offset = node?.parent?.offset ?? tree?.offset ?? 0;
      return problemAt(file, text, offset, `unknown field "${key}"${hint(key)}`);
    });
  }
  const name = path.length === 0 ? projectFileName : `"${path.join('.')}"`;
  const node = tree && findNodeAtLocation(tree, path);
  if (node === undefined) return [problemAt(file, text, tree?.offset ?? 0, `${name} is missing`)];
  const place = issue.code === 'invalid_key' ? (node.parent ?? node) : node;
  const detail =
    issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join('; ') : describeIssue(issue);
  return [problemAt(file, text, place.offset, `${name} ${detail}`)];
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}`;
  if (issue.code === 'invalid_value')
    return `must be one of ${issue.values.map((value) => `"${String(value)}"`).join(', ')}`;
  if (issue.code === 'too_small') return 'must not be empty';
  return issue.message.startsWith('Invalid string') ? `is not valid (${issue.message})` : issue.message;
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type === 'record' ? 'set of names and strings' : type}`;
}

function describeSyntaxError(error: ParseError['error']): string {
  const words = printParseErrorCode(error).replace(/([a-z])([A-Z])/g, '$1 $2');
  return `syntax error: ${words.toLowerCase()}`;
}

function duplicateKeys(tree: Node): Node[] {
  const seen = new Set<string>();
  return (tree.children ?? []).flatMap((property) => {
    const key = property.children?.[0];
    if (property.type !== 'property' || key === undefined) return [];
    const name = String(key.value);
    if (seen.has(name)) return [key];
    seen.add(name);
    return [];
  });
}

function duplicateKeyProblem(file: string, text: string, key: Node): Problem {
  return problemAt(file, text, key.offset, `"${getNodePath(key).join('.')}" is given twice`);
}

/** ` (did you mean "sources"?)` where a field's name is near. */
function hint(key: string): string {
  const names = Object.keys(projectSchema.shape).filter((name) => name !== '$schema');
  const [nearest] = names
    .map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  if (nearest !== undefined && nearest.distance <= Math.max(2, Math.floor(key.length / 3))) {
    return ` (did you mean "${nearest.name}"?)`;
  }
  return ` (known fields: ${names.join(', ')})`;
}

/** Levenshtein's distance. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

function problemAt(file: string, text: string, offset: number, message: string): Problem {
  const before = text.slice(0, offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { file, line: before.length, column, severity: 'error', message, source: 'unikernel' };
}
