import { commands, Uri, window, workspace } from 'vscode';
import type { Memento } from 'vscode';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where the main file of a project is kept from its creation until the window opens it. */
const mainFileKey = 'mainFileOfNewProject';

/** Asks for a template, a name and a place, writes the project and opens it. */
export async function newProject(templatesFolder: string, memory: Memento): Promise<void> {
  const { createProject, listTemplates, projectSchema } = await import('../core');
  const templates = await listTemplates(templatesFolder);
  const items = templates.map((template) => ({ label: template.title, detail: template.description, template }));
  const title = 'New Unikernel Project';
  const chosen = await window.showQuickPick(items, { title, placeHolder: 'What to begin with' });
  if (chosen === undefined) return;
  const name = await window.showInputBox({
    title,
    prompt: 'Name of the project',
    value: chosen.template.id,
    validateInput: (value) => projectSchema.shape.name.safeParse(value).error?.issues[0]?.message,
  });
  if (name === undefined) return;
  const open = workspace.workspaceFolders?.[0]?.uri.fsPath;
  const [parent] =
    (await window.showOpenDialog({
      title: `${title}: the folder that ${name} is created in`,
      openLabel: 'Create Here',
      defaultUri: Uri.file(open === undefined ? homedir() : dirname(open)),
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  if (parent === undefined) return;
  const folder = join(parent.fsPath, name);
  await createProject(chosen.template, folder, name);
  await memory.update(mainFileKey, join(folder, chosen.template.mainFile));
  await commands.executeCommand('vscode.openFolder', Uri.file(folder), { forceNewWindow: open !== undefined });
}

/** Opens the main file in the window of a project that was just created. */
export async function openMainFile(memory: Memento): Promise<void> {
  const file = memory.get<string>(mainFileKey);
  if (file === undefined || workspace.getWorkspaceFolder(Uri.file(file)) === undefined) return;
  await memory.update(mainFileKey, undefined);
  await window.showTextDocument(Uri.file(file), { preview: false });
}
