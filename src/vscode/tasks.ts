import { CustomExecution, EventEmitter, Task, TaskGroup, tasks, TaskScope, Uri, workspace } from 'vscode';
import type { Pseudoterminal, TaskDefinition, TaskExecution, TaskProvider } from 'vscode';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../targets';
import { findTarget } from '../targets';
import { describeError } from './describeError';
import { typeName } from './identifiers';
import type { Projects } from './projects';
import type { TargetSelection } from './targetSelection';

export interface BuildTaskDefinition extends TaskDefinition {
  readonly task: 'build';
  readonly project?: string;
  readonly target?: string;
}

/** Builds a project for a target; false when the compiler found errors, which were reported as problems. */
export type BuildAction = (
  project: string,
  target: Target,
  output: (text: string) => void,
  signal: AbortSignal,
) => Promise<boolean>;

/** Offers a build task for each project; Ctrl+Shift+B finds it. */
export class BuildTasks implements TaskProvider {
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
    const execution = new CustomExecution(() => {
      const target = definition.target === undefined ? this.selection.current : findTarget(definition.target);
      return Promise.resolve(new BuildTerminal(project, target, definition.target ?? '', this.build));
    });
    const scope = workspace.getWorkspaceFolder(Uri.file(project)) ?? TaskScope.Workspace;
    const name = [`build ${basename(project)}`, definition.target].filter((part) => part !== undefined).join(' for ');
    const task = new Task(original, scope, name, typeName, execution);
    task.group = TaskGroup.Build;
    task.presentationOptions = { clear: true, showReuseMessage: false };
    return task;
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

/** Of a task that fails sooner, VS Code says that it could not be launched. */
const shortestMilliseconds = 600;

/** A build shown as a terminal; closing it cancels the build. */
class BuildTerminal implements Pseudoterminal {
  private readonly written = new EventEmitter<string>();
  private readonly closed = new EventEmitter<number>();
  private readonly controller = new AbortController();
  readonly onDidWrite = this.written.event;
  readonly onDidClose = this.closed.event;

  constructor(
    private readonly project: string,
    private readonly target: Target | undefined,
    private readonly targetId: string,
    private readonly build: BuildAction,
  ) {}

  open(): void {
    void this.run();
  }

  close(): void {
    this.controller.abort();
  }

  handleInput(data: string): void {
    if (data === '\x03') this.close();
  }

  private async run(): Promise<void> {
    let exitCode = 1;
    const shortest = sleep(shortestMilliseconds);
    try {
      if (this.target === undefined) throw new Error(`There is no target "${this.targetId}".`);
      const ok = await this.build(
        this.project,
        this.target,
        (text) => {
          this.write(text);
        },
        this.controller.signal,
      );
      exitCode = ok ? 0 : 1;
    } catch (error) {
      this.write(`${describeError(error)}\n`);
    }
    if (exitCode !== 0) await shortest;
    this.closed.fire(exitCode);
  }

  private write(text: string): void {
    this.written.fire(text.replaceAll(/\r?\n/g, '\r\n'));
  }
}
