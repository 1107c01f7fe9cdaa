import { languages, workspace } from 'vscode';
import type { Disposable, TextDocument } from 'vscode';
import { basename } from 'node:path';
import { projectFileName } from '../project/project';
import { toDiagnostic } from './problems';

/** Checks each open unikernel.json as it is edited, by the rules that the build applies. */
export class ProjectChecker implements Disposable {
  private readonly collection = languages.createDiagnosticCollection('unikernel');
  private readonly subscriptions: Disposable[];

  constructor() {
    this.subscriptions = [
      workspace.onDidOpenTextDocument((document) => void this.check(document)),
      workspace.onDidChangeTextDocument(({ document }) => void this.check(document)),
      workspace.onDidCloseTextDocument(({ uri }) => {
        this.collection.delete(uri);
      }),
    ];
    for (const document of workspace.textDocuments) void this.check(document);
  }

  private async check(document: TextDocument): Promise<void> {
    if (document.uri.scheme !== 'file' || basename(document.fileName) !== projectFileName) return;
    const { checkProject } = await import('../core');
    // While the core was loaded, the text may have changed or gone; a later call does it then.
    if (document.isClosed) return;
    const { problems } = checkProject(document.fileName, document.getText());
    this.collection.set(document.uri, problems.map(toDiagnostic));
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.collection.dispose();
  }
}
