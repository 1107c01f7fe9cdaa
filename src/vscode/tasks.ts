import { CustomExecution, Task, TaskGroup, tasks, TaskScope, Uri, workspace } from 'vscode';
import type { TaskDefinition, TaskExecution, TaskProvider, Terminal } from 'vscode';
import { basename, join } from 'node:path';
import type { Architecture } from '../targets';
import { findTarget } from '../targets';
import { BuildTerminal } from './buildTerminal';
import { typeName } from './identifiers';
import type { Projects } from './projects';
import type { TargetSelection } from './targetSelection';

export interface BuildTaskDefinition extends TaskDefinition {
  readonly task: 'build';
  readonly project?: string;
  readonly target?: string;
}

/** In place of a target: every architecture that the project is for, side by side. */
export const allTargets = 'all';

/**
 * Builds a project for an architecture, or for all that it names; false when the compiler found errors, which were
 * reported as problems.
 */
export type BuildAction = (
  project: string,
  architecture: Architecture | undefined,
  output: (text: string) => void,
  signal: AbortSignal,
) => Promise<boolean>;

/** Offers a build task for each project; Ctrl+Shift+B finds it. */
export class BuildTasks implements TaskProvider {
  private readonly projectsByName = new Map<string, string>();

  constructor(
    private readonly projects: Projects,
    private readonly selection: TargetSelection,
    private readonly build: BuildAction,
  ) {}

  async provideTasks(): Promise<Task[]> {
    if (!workspace.isTrusted) return [];
    const [all, present] = await Promise.all([this.projects.find(), this.projects.present()]);
    return all.map((project) => {
      const task = this.create({ type: typeName, task: 'build', project });
      // Ctrl+Shift+B runs the default without asking. The constructor is private, but any such object will do.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
      task.group = { id: TaskGroup.Build.id, isDefault: project === present };
      return task;
    });
  }

  resolveTask(task: Task): Task | undefined {
    if (task.definition['task'] !== 'build') return undefined;
    const definition: BuildTaskDefinition = { ...task.definition, task: 'build' };
    const folder = typeof task.scope === 'object' ? task.scope.uri.fsPath : workspace.workspaceFolders?.[0]?.uri.fsPath;
    if (folder === undefined) return undefined;
    // VS Code finds the task again by its definition, which must stay the very same object.
    return this.create(definition, task.definition, join(folder, definition.project ?? '.'));
  }

  /** The task that builds a project, for the selected target unless another is given. */
  create(
    definition: BuildTaskDefinition,
    original: TaskDefinition = definition,
    project = definition.project ?? '',
  ): Task {
    const execution = new CustomExecution(() =>
      Promise.resolve(
        new BuildTerminal((output, signal) =>
          this.build(project, this.architectureOf(definition.target), output, signal),
        ),
      ),
    );
    const scope = workspace.getWorkspaceFolder(Uri.file(project)) ?? TaskScope.Workspace;
    const where = definition.target === allTargets ? 'all targets' : definition.target;
    const name = [`build ${basename(project)}`, where].filter((part) => part !== undefined).join(' for ');
    this.projectsByName.set(name, project);
    const task = new Task(original, scope, name, typeName, execution);
    task.group = TaskGroup.Build;
    task.presentationOptions = { clear: true, showReuseMessage: false };
    return task;
  }

  /** The project that a terminal shows the build of; undefined for other terminals. */
  projectOf({ name }: Terminal): string | undefined {
    // Where a window has several folders, VS Code puts the folder's name behind that of the task.
    return this.projectsByName.get(name) ?? this.projectsByName.get(name.replace(/ \([^()]*\)$/, ''));
  }

  private architectureOf(id: string | undefined): Architecture | undefined {
    if (id === allTargets) return undefined;
    const target = id === undefined ? this.selection.current : findTarget(id);
    if (target === undefined) throw new Error(`There is no target "${id ?? ''}".`);
    return target.architecture;
  }
}

/** Runs a task and gives its exit code; undefined when it was ended before it had one. */
export async function runTask(task: Task): Promise<number | undefined> {
  const execution = await tasks.executeTask(task);
  return new Promise((resolve) => {
    const end = (ended: TaskExecution, exitCode?: number): void => {
      if (ended !== execution) return;
      subscriptions.forEach((subscription) => {
        subscription.dispose();
      });
      resolve(exitCode);
    };
    const subscriptions = [
      tasks.onDidEndTaskProcess((event) => {
        end(event.execution, event.exitCode);
      }),
      // A task whose terminal was closed may end without an exit code.
      tasks.onDidEndTask((event) => {
        end(event.execution);
      }),
    ];
  });
}
