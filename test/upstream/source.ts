import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { glob } from 'tinyglobby';

/** A source package of Debian's. */
interface Package {
  readonly package: string;
  readonly archive: string;
  readonly sha256: string;
}

/** What is compiled: patterns in the folder of the sources. */
export interface Compiled {
  readonly sources: readonly string[];
  readonly flags: readonly string[];
}

/** The sources of others, and how they are compiled. */
export interface Sources extends Package, Compiled {
  /** Libraries that they need: each has a folder of that name among them. */
  readonly libraries?: Readonly<Record<string, Package>>;
  /** Commands that complete them, such as their `configure`; run once in a copy that is kept. */
  readonly prepare?: readonly (readonly string[])[];
}

/** The source cannot be had here. */
export class SourceMissing extends Error {}

/** Gets the source, downloaded once. */
async function getSource({ package: name, archive, sha256 }: Package): Promise<string> {
  const { execa } = await import('execa');
  const script = resolve(__dirname, '../../libos/get-source');
  const { stdout, stderr, exitCode } = await execa(script, [name, archive, sha256], { reject: false });
  if (exitCode === 0) return stdout;
  throw new SourceMissing(stderr.split('\n').at(-1));
}

/** The source with its libraries, completed once in a copy that is kept. */
export async function complete(sources: Sources): Promise<{ source: string; kept: string }> {
  const { execa } = await import('execa');
  const { libraries = {}, prepare = [] } = sources;
  const source = await getSource(sources);
  if (prepare.length === 0) return { source, kept: dirname(source) };
  const prepared = `${dirname(source)}.prepared-${hash([libraries, prepare])}`;
  const [copy, done] = [join(prepared, 'source'), join(prepared, 'done')];
  if (!existsSync(done)) {
    await rm(prepared, { recursive: true, force: true });
    // With their times, or make would make what is there already.
    const options = { recursive: true, preserveTimestamps: true };
    await cp(source, copy, options);
    for (const [name, library] of Object.entries(libraries))
      await cp(await getSource(library), join(copy, name), options);
    for (const [command = '', ...words] of prepare) await execa(command, words, { cwd: copy });
    await writeFile(done, '');
  }
  return { source: copy, kept: prepared };
}

/** Of all that a thing which is kept was made from. */
function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}

/** The patterns of a unikernel.json whose folder has the sources in `src`. */
export const inProject = (patterns: readonly string[]): string[] =>
  patterns.map((pattern) => pattern.replace(/^!?/, '$&src/'));

/** Builds a static program for Linux, once: it is kept beside the source, of which FOLDER has a copy in `src`. */
export async function buildForLinux(
  compiler: string,
  kept: string,
  compiled: Compiled,
  folder: string,
  output: string,
) {
  const { execa } = await import('execa');
  const { sources, flags } = compiled;
  const options = ['-std=gnu11', '-O1', '-w', '-static', ...flags];
  const built = `${kept}.built-${hash([compiler, sources, options])}`;
  if (!existsSync(built)) {
    const inputs = await glob(inProject(sources), { cwd: folder });
    await execa(compiler, [...options, '-o', output, ...inputs, '-lm', '-lpthread'], { cwd: folder });
    await cp(output, built);
  } else await cp(built, output);
}
