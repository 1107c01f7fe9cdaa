import { languages, Uri, workspace } from 'vscode';
import type { Disposable, TextDocument } from 'vscode';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Problem } from '../project/project';
import { projectFileName } from '../project/project';
import { toDiagnostic } from './problems';

/** Checks each open unikernel.json as it is edited, by the rules that the build applies. */
export class ProjectChecker implements Disposable {
  private readonly collection = languages.createDiagnosticCollection('unikernel project');
  private readonly subscriptions: Disposable[];

  constructor() {
    this.subscriptions = [
      workspace.onDidOpenTextDocument((document) => void this.check(document)),
      workspace.onDidChangeTextDocument(({ document }) => void this.check(document)),
      workspace.onDidCloseTextDocument((document) => void this.checkSaved(document)),
    ];
    for (const document of workspace.textDocuments) void this.check(document);
  }

  /** Shows what is wrong in a project's unikernel.json, found elsewhere. */
  report(project: string, problems: readonly Problem[]): void {
    this.collection.set(Uri.file(join(project, projectFileName)), problems.map(toDiagnostic));
  }

  private async check(document: TextDocument): Promise<void> {
    if (!isProjectFile(document)) return;
    const { checkProject } = await import('../core');
    // While the core was loaded, the text may have changed or gone; a later call does it then.
    if (document.isClosed) return;
    const { problems } = checkProject(document.fileName, document.getText());
    this.collection.set(document.uri, problems.map(toDiagnostic));
  }

  /** Changes that were not saved are gone with the editor. */
  private async checkSaved(document: TextDocument): Promise<void> {
    if (!isProjectFile(document)) return;
    const { checkProject } = await import('../core');
    const text = await readFile(document.fileName, 'utf8').catch(() => undefined);
    const problems = text === undefined ? [] : checkProject(document.fileName, text).problems;
    this.collection.set(document.uri, problems.map(toDiagnostic));
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.collection.dispose();
  }
}

function isProjectFile({ uri, fileName }: TextDocument): boolean {
  return uri.scheme === 'file' && basename(fileName) === projectFileName;
}
