import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Context } from 'mocha';
import { unikernel } from '../integration/unikernel';
import { buildForLinux, complete, inProject, SourceMissing, type Compiled, type Sources } from './source';

/** A program of others, as its authors have it. */
export interface Program extends Sources {
  readonly name: string;
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
  /**
   * Runs it on this computer, in a new folder with its files, and tells what it prints and its status. Its command is behind that of BEFORE,
   * if there is one.
   */
  runNatively(
    words: readonly string[],
    before?: readonly string[],
  ): Promise<{ readonly output: string; readonly status: number | undefined }>;
}

const removals: (() => Promise<unknown>)[] = [];

/** Removes what was built. */
export async function removePrograms(): Promise<void> {
  for (const remove of removals.splice(0)) await remove();
}

/**
 * Builds it as unikernels for both architectures and for this computer; `removePrograms` removes them. Skips the tests whose context that
 * is where the source cannot be had.
 */
export async function buildProgram(context: Context, program: Program): Promise<Built> {
  const { execa } = await import('execa');
  const { source, kept } = await complete(program).catch((error: unknown) => {
    if (!(error instanceof SourceMissing)) throw error;
    console.log(`skipped: ${error.message}`);
    return context.skip();
  });
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
    buildForLinux('gcc', kept, program, folder, native),
    ...Object.entries(program.tools ?? {}).map(([tool, compiled]) =>
      buildForLinux('gcc', kept, compiled, folder, tools[tool]!),
    ),
  ]);
  assert.equal(built.exitCode, 0, built.stderr);
  return {
    folder,
    native: { program: native, files },
    tools,
    async runNatively(words, before = []) {
      const work = await mkdtemp(join(parent, 'work-'));
      await cp(files, work, { recursive: true });
      // Both kinds of output in their order, as a console has them.
      const shell = ['-c', 'exec "$@" 2>&1', 'sh', ...before, native, ...words];
      const { stdout, exitCode } = await execa('sh', shell, { cwd: work, reject: false, stripFinalNewline: false });
      return { output: stdout, status: exitCode };
    },
  };
}
