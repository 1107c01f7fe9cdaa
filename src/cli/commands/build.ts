import type { Command } from 'commander';
import { cleanProject, type BuildResult } from '../../build/build';
import { buildOnTerminal, printProblems } from '../builds';
import { selectEngine, withEngineOptions, type EngineSelection } from '../engine';
import { openProject, selectTarget, withProjectOptions, type ProjectOptions } from '../project';
import { interruptSignal, reportError } from '../terminal';

/** `unikernel build` and `unikernel clean`. */
export function addBuildCommand(program: Command): void {
  withEngineOptions(withProjectOptions(program.command('build').description('build the images of a project'))).action(
    async (options: ProjectOptions & EngineSelection) => {
      try {
        const project = await openProject(options);
        const architectures =
          options.target === undefined ? project.configuration.targets : [selectTarget(options).architecture];
        const results = await buildOnTerminal(project, architectures, options, interruptSignal());
        printProblems(results);
        if (options.json === true) console.log(JSON.stringify({ builds: results }, null, 2));
        else for (const result of results) console.log(summary(result));
        if (results.some(({ exitCode }) => exitCode !== 0)) process.exitCode = 1;
      } catch (error) {
        process.exitCode = reportError(error, options.json ?? false);
      }
    },
  );
  withEngineOptions(
    withProjectOptions(program.command('clean').description('remove what was built, and the builder')),
  ).action(async (options: ProjectOptions & EngineSelection) => {
    try {
      const project = await openProject(options);
      await cleanProject(project.folder, await selectEngine(options, interruptSignal()));
      if (options.json === true) console.log(JSON.stringify({ cleaned: project.folder }));
      else console.log(`Cleaned ${project.folder}`);
    } catch (error) {
      process.exitCode = reportError(error, options.json ?? false);
    }
  });
}

function summary({ architecture, artifact, exitCode, milliseconds }: BuildResult): string {
  const seconds = (milliseconds / 1000).toFixed(2);
  return artifact === undefined
    ? `${architecture}: the build failed (status ${exitCode}) after ${seconds} s`
    : `${architecture}: ${artifact.image} in ${seconds} s`;
}
