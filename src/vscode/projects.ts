import { commands, RelativePattern, window, workspace } from 'vscode';
import type { Disposable } from 'vscode';
import { dirname, sep } from 'node:path';
import { projectFileName } from '../project/project';
import { hasProjectContext } from './identifiers';

/** The projects of the window: every folder with a unikernel.json. */
export class Projects implements Disposable {
  private readonly watcher = workspace.createFileSystemWatcher(`**/${projectFileName}`, false, true, false);
  private readonly subscriptions: Disposable[];

  constructor(private readonly onPresence: (present: boolean) => void) {
    const update = (): void => void this.update();
    this.subscriptions = [
      this.watcher,
      this.watcher.onDidCreate(update),
      this.watcher.onDidDelete(update),
      workspace.onDidChangeWorkspaceFolders(update),
    ];
    update();
  }

  /** Absolute paths, sorted. */
  async find(): Promise<string[]> {
    const folders = workspace.workspaceFolders ?? [];
    const excluded = '**/{node_modules,build,.git}/**';
    const found = await Promise.all(
      folders.map((folder) => workspace.findFiles(new RelativePattern(folder, `**/${projectFileName}`), excluded)),
    );
    return found
      .flat()
      .map(({ fsPath }) => dirname(fsPath))
      .sort();
  }

  /** The project of the active editor, or the only one, or the one that the person picks; undefined when there is none. */
  async choose(): Promise<string | undefined> {
    const folders = await this.find();
    const present = presentOf(folders);
    if (present !== undefined || folders.length === 0) return present;
    return window.showQuickPick(folders, { title: 'Unikernel Project' });
  }

  /** The project of the active editor, or the only one; undefined where it takes a person to say. */
  async present(): Promise<string | undefined> {
    return presentOf(await this.find());
  }

  private async update(): Promise<void> {
    const present = (await this.find()).length > 0;
    await commands.executeCommand('setContext', hasProjectContext, present);
    this.onPresence(present);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}

function presentOf(folders: readonly string[]): string | undefined {
  const active = window.activeTextEditor?.document.uri.fsPath;
  const around = folders.filter((folder) => active?.startsWith(folder + sep)).at(-1);
  return around ?? (folders.length === 1 ? folders[0] : undefined);
}
