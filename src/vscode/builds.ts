import { basename, relative } from 'node:path';
import type { Installation } from '../installation';
import type { Project } from '../project/project';
import type { Architecture } from '../targets';
import type { Engine } from '../toolchain/engine';
import { labelled } from './buildOutput';
import type { BuildProblems } from './problems';
import { cancellable, cancellableWhenSlow } from './progress';
import type { ProjectChecker } from './projectChecker';
import { readSettings } from './settings';

/** Builds projects with the engine that the settings name. */
export class Builds {
  constructor(
    private readonly installation: () => Installation,
    private readonly problems: BuildProblems,
    private readonly checker: ProjectChecker,
  ) {}

  /**
   * Builds for an architecture, or for all that the project names, and reports what the compiler found; true when there
   * are images. Throws as buildProject.
   */
  async build(
    folder: string,
    architecture: Architecture | undefined,
    output: (text: string) => void,
    signal: AbortSignal,
  ): Promise<boolean> {
    const project = await this.load(folder, output);
    if (project === undefined) return false;
    const { buildProject } = await import('../core');
    const { toolchains, libraryOs } = this.installation();
    const architectures = architecture === undefined ? project.configuration.targets : [architecture];
    const title = `Building ${project.configuration.name} for ${architectures.join(' and ')}`;
    const show = labelled(architectures, output);
    const printed = new Map<Architecture, string>();
    const work = cancellableWhenSlow(title, signal, async (progress, inner) => {
      const say = lines(output);
      return buildProject(project, architectures, {
        engine: await openEngine(this.installation(), inner),
        toolchainsFolder: toolchains,
        libraryOsFolder: libraryOs,
        progress: (step) => {
          say(step.message);
          progress(step);
        },
        onOutput: (from, text) => {
          show(from, text);
          printed.set(from, `${printed.get(from) ?? ''}${text}`);
        },
        signal: inner,
      });
    });
    // Also when it was cancelled: what was compiled by then will not be compiled again.
    const results = await work.finally(() => {
      this.problems.report(folder, printed);
    });
    for (const { artifact, milliseconds } of results) {
      const seconds = (milliseconds / 1000).toFixed(2);
      if (artifact === undefined) output(`\x1b[31mThe build failed after ${seconds} s.\x1b[0m\n`);
      else output(`\x1b[32mBuilt ${relative(folder, artifact.image)} in ${seconds} s.\x1b[0m\n`);
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
    this.checker.report(folder, problems);
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
