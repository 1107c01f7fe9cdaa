import { buildProject, type BuildResult } from '../build/build';
import { findInstallation } from '../installation';
import type { Project } from '../project/project';
import type { Architecture } from '../targets';
import { selectEngine, type EngineSelection } from './engine';
import { formatProblem, terminalProgress } from './terminal';

/** Builds for some architectures; compilers' output and progress go to standard error. */
export async function buildOnTerminal(
  project: Project,
  architectures: readonly Architecture[],
  selection: EngineSelection,
  signal: AbortSignal,
): Promise<BuildResult[]> {
  const progress = terminalProgress();
  const { toolchains, libraryOs } = findInstallation();
  try {
    return await buildProject(project, architectures, {
      engine: await selectEngine(selection, signal),
      toolchainsFolder: toolchains,
      libraryOsFolder: libraryOs,
      progress,
      onOutput: (architecture, text) => {
        const message = text.trimEnd().split('\n').at(-1);
        if (message?.startsWith('[') === true) progress({ message: `${architecture} ${message}` });
      },
      signal,
    });
  } finally {
    progress.done();
  }
}

/** Prints what the compilers found in all the results, each problem once. */
export function printProblems(results: readonly BuildResult[]): void {
  const lines = new Set(results.flatMap(({ problems }) => problems.map(formatProblem)));
  for (const line of lines) console.error(line);
}
