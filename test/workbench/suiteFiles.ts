import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { glob } from 'tinyglobby';
import { withEngine } from '../../scripts/engine';
import { createProject, listTemplates } from '../../src/project/create';
import { closeBuilds } from './closeBuilds';
import { root } from './server';

/** What a runner of the suite hands to VS Code. */
export interface Suite {
  /** The file whose run() the extension host calls. */
  readonly tests: string;
  /** The folder that the window shows. */
  readonly project: string;
  /** Variables of the extension host. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Runs the suite in some VS Code, which gives its exit code. That is 0 too for an extension host that was killed, so the
 * counts decide: where there are none, or no test has passed, the suite has failed.
 */
export async function withSuite(run: (suite: Suite) => Promise<number>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'unikernel-suite-'));
  const counts = process.env['TEST_COUNTS'] ?? join(folder, 'counts.json');
  const project = join(folder, 'demo');
  try {
    const tests = await bundle();
    await makeProject(project);
    const exitCode = await withEngine(async () => {
      try {
        return await run({ tests, project, environment: { TEST_COUNTS: counts } });
      } finally {
        await closeBuilds(project);
      }
    });
    const { passed, failed } = existsSync(counts)
      ? (JSON.parse(await readFile(counts, 'utf8')) as { passed: number; failed: number })
      : { passed: 0, failed: 0 };
    if (passed === 0) console.error(`No test has passed; VS Code ended with ${exitCode}.`);
    process.exitCode = exitCode === 0 && failed === 0 && passed > 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundle(): Promise<string> {
  const outdir = join(root, 'out', 'suite');
  await rm(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: __dirname,
    entryPoints: ['suite/index.ts', ...(await glob('suite/*.test.ts', { cwd: __dirname }))],
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  return join(outdir, 'index.js');
}

async function makeProject(folder: string): Promise<void> {
  const template = (await listTemplates(join(root, 'templates'))).find(({ id }) => id === 'c-hello');
  if (template === undefined) throw new Error('There is no template c-hello.');
  await createProject(template, folder, 'demo');
}
