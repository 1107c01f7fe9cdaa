import assert from 'node:assert/strict';
import { commands, tasks } from 'vscode';
import type { Task } from 'vscode';
import type { Target } from '../../../src/targets';
import { runTask } from '../../../src/vscode/tasks';

/** The build task that the window offers. */
export async function buildTask(): Promise<Task> {
  const [task, ...others] = await tasks.fetchTasks({ type: 'unikernel' });
  assert.ok(task);
  assert.deepEqual(others, []);
  return task;
}

/** Runs the build task and gives its exit code. */
export async function build(): Promise<number | undefined> {
  return runTask(await buildTask());
}

/** Selects a target as a key binding does. */
export async function selectTarget({ id }: Target): Promise<void> {
  await commands.executeCommand('unikernel.selectTarget', id);
}
