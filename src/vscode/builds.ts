import { basename } from 'node:path';
import type { Installation } from '../installation';
import type { Project } from '../project/project';
import type { Target } from '../targets';
import type { Engine } from '../toolchain/engine';
import type { BuildProblems } from './problems';
import { cancellable, cancellableWhenSlow } from './progress';
import { readSettings } from './settings';

/** Builds projects with the engine that the settings name. */
export class Builds {
  constructor(
    private readonly installation: () => Installation,
    private readonly problems: BuildProblems,
  ) {}

  /** Builds for a target and reports what the compiler found; true when there is an image. Throws as buildProject. */
  async build(
    folder: string,
    { architecture }: Target,
    output: (text: string) => void,
    signal: AbortSignal,
  ): Promise<boolean> {
    const project = await this.load(folder, output);
    if (project === undefined) return false;
    const { buildProject } = await import('../core');
    const { toolchains, libraryOs } = this.installation();
    const title = `Building ${project.configuration.name} for ${architecture}`;
    const results = await cancellableWhenSlow(title, signal, async (progress, inner) => {
      const say = lines(output);
      return buildProject(project, [architecture], {
        engine: await openEngine(this.installation(), inner),
        toolchainsFolder: toolchains,
        libraryOsFolder: libraryOs,
        progress: (step) => {
          say(step.message);
          progress(step);
        },
        onOutput: (_, text) => {
          output(text);
        },
        signal: inner,
      });
    });
    for (const { artifact, problems, milliseconds } of results) {
      this.problems.report(folder, architecture, problems);
      const seconds = (milliseconds / 1000).toFixed(2);
      output(artifact === undefined ? `The build failed after ${seconds} s.\n` : `${artifact.image} (${seconds} s)\n`);
    }
    return results.every(({ artifact }) => artifact !== undefined);
  }

  /** Removes what was built, here and in the engine. */
  async clean(folder: string): Promise<void> {
    await cancellable(`Cleaning ${basename(folder)}`, async (_, signal) => {
      const { cleanProject } = await import('../core');
      await cleanProject(folder, await openEngine(this.installation(), signal));
    });
    this.problems.clear(folder);
  }

  private async load(folder: string, output: (text: string) => void): Promise<Project | undefined> {
    const { loadProject } = await import('../core');
    const { project, problems } = await loadProject(folder);
    this.problems.report(folder, 'unikernel.json', problems);
    for (const { file, line, column, severity, message } of problems) {
      output(`${file}:${line}:${column}: ${severity}: ${message}\n`);
    }
    return project;
  }
}

/** Opens the engine that the settings name. */
export async function openEngine(installation: Installation, signal: AbortSignal): Promise<Engine> {
  const core = await import('../core');
  const { engine, baseImage } = readSettings();
  return core.openEngine(engine, { ...installation, ...(baseImage !== undefined && { baseImage }) }, signal);
}

/** Steps as lines of the task's terminal; one that only moves on is not said again. */
function lines(output: (text: string) => void): (message: string) => void {
  let last = '';
  return (message) => {
    if (message !== last) output(`\x1b[2m${message}\x1b[0m\n`);
    last = message;
  };
}
