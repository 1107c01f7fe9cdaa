import { tasks, window, workspace } from 'vscode';
import type { CancellationToken, DebugConfiguration, DebugConfigurationProvider, WorkspaceFolder } from 'vscode';
import { join, resolve } from 'node:path';
import { buildFolderName } from '../build/artifact';
import type { Target } from '../targets';
import { findTarget } from '../targets';
import { typeName } from './identifiers';
import type { Projects } from './projects';
import { readSettings } from './settings';
import { showError } from './showError';
import type { TargetSelection } from './targetSelection';
import type { BuildTasks } from './tasks';
import { runTask } from './tasks';

/** Fills in launch configurations, also where there is none, and builds before the session starts. */
export class ConfigurationProvider implements DebugConfigurationProvider {
  constructor(
    private readonly projects: Projects,
    private readonly selection: TargetSelection,
    private readonly buildTasks: BuildTasks,
  ) {}

  provideDebugConfigurations(): DebugConfiguration[] {
    return [{ type: typeName, request: 'launch', name: 'Debug Unikernel' }];
  }

  /** F5 without a launch.json arrives with an empty configuration. */
  async resolveDebugConfiguration(
    folder: WorkspaceFolder | undefined,
    configuration: DebugConfiguration,
  ): Promise<DebugConfiguration | undefined> {
    if (!workspace.isTrusted) {
      await window.showErrorMessage('Building and running a unikernel needs a trusted folder.');
      return undefined;
    }
    const filled = Object.keys(configuration).length > 0 && configuration.type !== '' ? configuration : undefined;
    if (filled !== undefined && !buildsFirst(filled)) return filled;
    const project = filled?.['project'] === undefined ? await this.projects.choose() : String(filled['project']);
    if (project === undefined) {
      await showError(await missingProject(folder));
      return undefined;
    }
    return { name: 'Debug Unikernel', ...filled, type: typeName, request: 'launch', project };
  }

  /** Variables are replaced by now: `project` is a path. */
  async resolveDebugConfigurationWithSubstitutedVariables(
    folder: WorkspaceFolder | undefined,
    configuration: DebugConfiguration,
    token?: CancellationToken,
  ): Promise<DebugConfiguration | undefined> {
    const { qemuPath, gdbPath, breakpoints } = readSettings();
    if (configuration.request === 'attach') return { ...(gdbPath && { gdbPath }), breakpoints, ...configuration };
    const paths = { ...(qemuPath && { qemuPath }), ...(gdbPath && { gdbPath }) };
    const complete = { console: 'terminal', breakpoints, ...paths, ...configuration };
    // What was built already says itself what it runs on.
    if (!buildsFirst(configuration)) return complete;
    const named: unknown = configuration['target'];
    const target = typeof named === 'string' ? findTarget(named) : this.selection.current;
    // A target that does not exist is left to the adapter, which says which ones there are.
    if (target === undefined) return complete;
    const project = resolve(folder?.uri.fsPath ?? '', String(configuration['project']));
    const artifact = await this.build(project, target, token);
    return artifact === undefined ? undefined : { ...complete, target: target.id, project, artifact };
  }

  /** The path of the artifact; undefined when the build failed or was cancelled, which the task's terminal shows. */
  private async build(project: string, target: Target, token?: CancellationToken): Promise<string | undefined> {
    const task = this.buildTasks.create({ type: typeName, task: 'build', project, target: target.id });
    task.presentationOptions = { ...task.presentationOptions, echo: false };
    const subscription = token?.onCancellationRequested(() => {
      tasks.taskExecutions.find(({ task: { name } }) => name === task.name)?.terminate();
    });
    const exitCode = await runTask(task);
    subscription?.dispose();
    if (exitCode === 0) return join(project, buildFolderName, target.architecture, 'artifact.json');
    return undefined;
  }
}

/** False where the configuration says what to boot, or attaches to what runs already. */
function buildsFirst({ request, project, artifact, kernel, dump, symbols }: DebugConfiguration): boolean {
  const boots: unknown = artifact ?? kernel ?? dump ?? (project === undefined ? symbols : undefined);
  return request !== 'attach' && boots === undefined;
}

async function missingProject(folder: WorkspaceFolder | undefined): Promise<Error> {
  const { noProject } = await import('../core');
  return noProject(folder?.uri.fsPath ?? 'the window');
}
