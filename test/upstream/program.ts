import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Context } from 'mocha';
import { glob } from 'tinyglobby';
import { unikernel } from '../integration/unikernel';

/** A source package of Debian's. */
interface Package {
  readonly package: string;
  readonly archive: string;
  readonly sha256: string;
}

/** What is compiled: patterns in the folder of the sources. */
interface Compiled {
  readonly sources: readonly string[];
  readonly flags: readonly string[];
}

/** A program of others, as its authors have it: its sources, and how they are compiled. */
export interface Program extends Package, Compiled {
  readonly name: string;
  /** Libraries that it needs: each has a folder of that name among its sources. */
  readonly libraries?: Readonly<Record<string, Package>>;
  /** Commands that complete its sources, such as its `configure`; run once in a copy that is kept. */
  readonly prepare?: readonly (readonly string[])[];
  /** Programs of the same sources that are built for this computer only, such as clients. */
  readonly tools?: Readonly<Record<string, Compiled>>;
  /** Files that the program finds in its working folder. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** More fields of unikernel.json. */
  readonly project?: Readonly<Record<string, unknown>>;
}

/** A program that was built twice: as unikernels, and for this computer. */
export interface Built {
  /** The project, built for every architecture. */
  readonly folder: string;
  /** The program for this computer, and its files. */
  readonly native: { readonly program: string; readonly files: string };
  /** Where the tools are, by their names. */
  readonly tools: Readonly<Record<string, string>>;
  /** Runs it on this computer, in a new folder with its files, and tells what it prints and its status. */
  runNatively(words: readonly string[]): Promise<{ readonly output: string; readonly status: number | undefined }>;
}

const removals: (() => Promise<unknown>)[] = [];

/** Removes what was built. */
export async function removePrograms(): Promise<void> {
  for (const remove of removals.splice(0)) await remove();
}

/** Gets the source, downloaded once; without it, the tests are skipped. */
async function getSource(context: Context, { package: name, archive, sha256 }: Package): Promise<string> {
  const { execa } = await import('execa');
  const script = resolve(__dirname, '../../libos/get-source');
  const { stdout, stderr, exitCode } = await execa(script, [name, archive, sha256], { reject: false });
  if (exitCode === 0) return stdout;
  console.log(`skipped: ${stderr.split('\n').at(-1) ?? ''}`);
  return context.skip();
}

/** The source with its libraries, completed once in a copy that is kept. */
async function complete(context: Context, program: Program): Promise<{ source: string; kept: string }> {
  const { execa } = await import('execa');
  const { libraries = {}, prepare = [] } = program;
  const source = await getSource(context, program);
  if (prepare.length === 0) return { source, kept: dirname(source) };
  const prepared = `${dirname(source)}.prepared-${hash([libraries, prepare])}`;
  const [copy, done] = [join(prepared, 'source'), join(prepared, 'done')];
  if (!existsSync(done)) {
    await rm(prepared, { recursive: true, force: true });
    // With their times, or make would make what is there already.
    const options = { recursive: true, preserveTimestamps: true };
    await cp(source, copy, options);
    for (const [name, library] of Object.entries(libraries))
      await cp(await getSource(context, library), join(copy, name), options);
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
const inProject = (patterns: readonly string[]): string[] =>
  patterns.map((pattern) => pattern.replace(/^!?/, '$&src/'));

/** Builds for this computer, once: it is kept beside the source, of which FOLDER has a copy in `src`. */
async function buildNatively(kept: string, { sources, flags }: Compiled, folder: string, native: string) {
  const { execa } = await import('execa');
  const options = ['-std=gnu11', '-O1', '-w', '-static', ...flags];
  const built = `${kept}.native-${hash([sources, options])}`;
  if (!existsSync(built)) {
    const inputs = await glob(inProject(sources), { cwd: folder });
    await execa('gcc', [...options, '-o', native, ...inputs, '-lm', '-lpthread'], { cwd: folder });
    await cp(native, built);
  } else await cp(built, native);
}

/**
 * Builds it as unikernels for both architectures and for this computer; `removePrograms` removes them. Skips the tests whose context that
 * is where the source cannot be had.
 */
export async function buildProgram(context: Context, program: Program): Promise<Built> {
  const { execa } = await import('execa');
  const { source, kept } = await complete(context, program);
  const parent = await mkdtemp(join(tmpdir(), `unikernel-${program.name}-`));
  removals.push(() => rm(parent, { recursive: true }));
  const [folder, native] = [join(parent, program.name), join(parent, 'native')];
  const files = join(folder, 'files');
  await mkdir(files, { recursive: true });
  await cp(source, join(folder, 'src'), { recursive: true });
  for (const [name, text] of Object.entries(program.files ?? {})) {
    await mkdir(dirname(join(files, name)), { recursive: true });
    await writeFile(join(files, name), text);
  }
  const { name, flags } = program;
  const sources = inProject(program.sources);
  const project = { name, language: 'c', optimize: 'speed', sources, flags, files: 'files', ...program.project };
  await writeFile(join(folder, 'unikernel.json'), JSON.stringify(project, undefined, 2));
  const tools = Object.fromEntries(Object.keys(program.tools ?? {}).map((tool) => [tool, join(parent, tool)]));
  removals.unshift(() => unikernel(folder, 'clean'));
  const [built] = await Promise.all([
    unikernel(folder, 'build'),
    buildNatively(kept, program, folder, native),
    ...Object.entries(program.tools ?? {}).map(([tool, compiled]) =>
      buildNatively(kept, compiled, folder, tools[tool]!),
    ),
  ]);
  assert.equal(built.exitCode, 0, built.stderr);
  return {
    folder,
    native: { program: native, files },
    tools,
    async runNatively(words) {
      const work = await mkdtemp(join(parent, 'work-'));
      await cp(files, work, { recursive: true });
      // Both kinds of output in their order, as a console has them.
      const shell = ['-c', 'exec "$0" "$@" 2>&1', native, ...words];
      const { stdout, exitCode } = await execa('sh', shell, { cwd: work, reject: false, stripFinalNewline: false });
      return { output: stdout, status: exitCode };
    },
  };
}
