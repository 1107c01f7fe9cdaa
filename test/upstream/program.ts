import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Context } from 'mocha';
import { glob } from 'tinyglobby';
import { unikernel } from '../integration/unikernel';

/** A program of others, as its authors have it: its sources, and how they are compiled. */
export interface Program {
  readonly name: string;
  /** Debian's source package. */
  readonly package: string;
  readonly archive: string;
  readonly sha256: string;
  /** What is compiled of it: patterns in its folder. */
  readonly sources: readonly string[];
  readonly flags: readonly string[];
  /** Commands that complete its sources, such as its `configure`; run once in a copy that is kept. */
  readonly prepare?: readonly (readonly string[])[];
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
  /** Runs it on this computer, in a new folder with its files, and tells what it prints and its status. */
  runNatively(words: readonly string[]): Promise<{ readonly output: string; readonly status: number | undefined }>;
}

const removals: (() => Promise<unknown>)[] = [];

/** Removes what was built. */
export async function removePrograms(): Promise<void> {
  for (const remove of removals.splice(0)) await remove();
}

/** Gets the source, downloaded once; without it, the tests are skipped. */
async function getSource(context: Context, { package: name, archive, sha256 }: Program): Promise<string> {
  const { execa } = await import('execa');
  const script = resolve(__dirname, '../../libos/get-source');
  const { stdout, stderr, exitCode } = await execa(script, [name, archive, sha256], { reject: false });
  if (exitCode === 0) return stdout;
  console.log(`skipped: ${stderr.split('\n').at(-1) ?? ''}`);
  return context.skip();
}

/** Completes the source, once, in a copy that is kept. */
async function complete(source: string, prepare: NonNullable<Program['prepare']>): Promise<string> {
  const { execa } = await import('execa');
  if (prepare.length === 0) return source;
  const prepared = `${dirname(source)}.prepared`;
  const folder = join(prepared, 'source');
  const done = join(prepared, 'done');
  const steps = JSON.stringify(prepare);
  if ((await readFile(done, 'utf8').catch(() => '')) === steps) return folder;
  await rm(prepared, { recursive: true, force: true });
  await mkdir(prepared);
  await cp(source, folder, { recursive: true });
  for (const [command = '', ...words] of prepare) await execa(command, words, { cwd: folder });
  await writeFile(done, steps);
  return folder;
}

/** Builds it for this computer, once: it is kept beside its source. */
async function buildNatively(
  { archive, sources, flags }: Program,
  source: string,
  folder: string,
  inputs: readonly string[],
  native: string,
): Promise<void> {
  const { execa } = await import('execa');
  const options = ['-std=gnu11', '-O1', '-w', '-static', ...flags];
  const key = createHash('sha256')
    .update(JSON.stringify([archive, sources, options]))
    .digest('hex');
  const kept = `${dirname(source)}.native-${key.slice(0, 12)}`;
  if (
    await cp(kept, native).then(
      () => true,
      () => false,
    )
  )
    return;
  await execa('gcc', [...options, '-o', native, ...inputs, '-lm', '-lpthread'], { cwd: folder });
  await cp(native, kept);
}

/**
 * Builds it as unikernels for both architectures and for this computer; `removePrograms` removes them. Skips the tests whose context that
 * is where the source cannot be had.
 */
export async function buildProgram(context: Context, program: Program): Promise<Built> {
  const { execa } = await import('execa');
  const source = await complete(await getSource(context, program), program.prepare ?? []);
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
  const sources = program.sources.map((pattern) => pattern.replace(/^!?/, '$&src/'));
  const project = { name, language: 'c', optimize: 'speed', sources, flags, files: 'files', ...program.project };
  await writeFile(join(folder, 'unikernel.json'), JSON.stringify(project, undefined, 2));
  const inputs = await glob(sources, { cwd: folder });
  removals.unshift(() => unikernel(folder, 'clean'));
  const [built] = await Promise.all([
    unikernel(folder, 'build'),
    buildNatively(program, source, folder, inputs, native),
  ]);
  assert.equal(built.exitCode, 0, built.stderr);
  return {
    folder,
    native: { program: native, files },
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
