import assert from 'node:assert/strict';
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Uri, window, workspace } from 'vscode';
import type { Event, TextEditor, WorkspaceFolder } from 'vscode';

// The project of the window, made from the template by who started it.

/** How long a first build may take: the toolchain's image is made, too. */
export const firstBuildMilliseconds = 300_000;

/** A source that takes the compiler long. */
export const slowSource = `#define A(x) x x x x x x x x x x\nint f(int a) { ${'A(A(A(A(a++;))))\n'.repeat(300)} return a; }\n`;

export function workspaceFolder(): WorkspaceFolder {
  const folder = workspace.workspaceFolders?.[0];
  assert.ok(folder, 'The window has no folder.');
  return folder;
}

export function pathOf(...names: string[]): string {
  return join(workspaceFolder().uri.fsPath, ...names);
}

export const mainFile = (): Uri => Uri.file(pathOf('src', 'main.c'));

export async function openMainFile(): Promise<TextEditor> {
  return window.showTextDocument(mainFile(), { preview: false });
}

/** The line of main.c, from 0, that holds a text; of several, the last one. */
export async function lineOf(text: string): Promise<number> {
  const lines = (await readFile(mainFile().fsPath, 'utf8')).split('\n');
  const line = lines.findLastIndex((content) => content.includes(text));
  assert.notEqual(line, -1, `main.c has no line with ${text}`);
  return line;
}

/** Changes a file while some work is done; `change` gives its text from what it was. */
export async function withFile(
  path: string,
  change: (text: string) => string,
  work: () => Promise<void>,
): Promise<void> {
  const before = await readFile(path, 'utf8');
  await writeFile(path, change(before));
  try {
    await work();
  } finally {
    await writeFile(path, before);
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Asks again until there is an answer. */
export async function eventually<Answer>(
  what: string | (() => string),
  ask: () => Answer | undefined | Promise<Answer | undefined>,
  milliseconds = 20_000,
): Promise<NonNullable<Answer>> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (Date.now() > deadline) {
      throw new Error(`Not within ${milliseconds} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(50);
  }
}

/** The next of an event's values that is wanted. */
export async function next<Value>(event: Event<Value>, wanted: (value: Value) => boolean): Promise<Value> {
  return new Promise((resolve) => {
    const subscription = event((value) => {
      if (!wanted(value)) return;
      subscription.dispose();
      resolve(value);
    });
  });
}
