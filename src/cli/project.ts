import type { Command } from 'commander';
import { resolve } from 'node:path';
import { findProject, loadProject } from '../project/load';
import type { Project } from '../project/project';
import { defaultTarget, findTarget, targets, type Target } from '../targets';
import { noProject } from '../project/errors';
import { unknownTarget, wrongProject } from './errors';
import { formatProblem } from './terminal';

/** The options of every command that works on a project. */
export interface ProjectOptions {
  readonly project?: string;
  readonly target?: string;
  readonly json?: boolean;
}

/** Adds --project, --target and --json to a command. */
export function withProjectOptions(command: Command): Command {
  return command
    .option('--project <folder>', "the project's folder (default: this one or the nearest above)")
    .option('--target <target>', `one of ${targets.map((target) => target.id).join(', ')}`)
    .option('--json', 'print JSON');
}

/** The project that the options name, checked; an error names every place that is wrong. */
export async function openProject(options: ProjectOptions): Promise<Project> {
  const start = resolve(options.project ?? '.');
  const folder = await findProject(start);
  if (folder === undefined) throw noProject(start);
  const { project, problems } = await loadProject(folder);
  if (project === undefined) throw wrongProject(problems.map(formatProblem));
  return project;
}

/** The target that the options name, or the default. */
export function selectTarget(options: ProjectOptions): Target {
  if (options.target === undefined) return defaultTarget;
  const target = findTarget(options.target);
  if (target === undefined) throw unknownTarget(options.target);
  return target;
}
