import type { Command } from 'commander';
import { readArtifact } from '../../build/build';
import { formatReport, readReport } from '../../build/report';
import { reportError } from '../terminal';
import { openProject, selectTarget, type ProjectOptions, withProjectOptions } from '../project';

/** `unikernel report`: what is inside the image of the last build. */
export function addReportCommand(program: Command): void {
  withProjectOptions(program.command('report').description('say what is inside the image: system calls, bytes')).action(
    async (options: ProjectOptions) => {
      try {
        const project = await openProject(options);
        const artifact = await readArtifact(project.folder, selectTarget(options).architecture);
        const report = await readReport(artifact.report);
        console.log(options.json === true ? JSON.stringify(report, null, 2) : formatReport(report));
      } catch (error) {
        process.exitCode = reportError(error, options.json ?? false);
      }
    },
  );
}
