import { EventEmitter, Uri, window, workspace } from 'vscode';
import type { Disposable, TextDocumentContentProvider } from 'vscode';
import { askMachine, currentSession } from './machine';

const scheme = 'unikernel-memory';

/** Shows what is where in a guest's memory as a document, anew each time that it is asked for. */
export class MemoryMaps implements TextDocumentContentProvider, Disposable {
  private readonly changed = new EventEmitter<Uri>();
  private readonly registration = workspace.registerTextDocumentContentProvider(scheme, this);
  private readonly contents = new Map<string, string>();
  readonly onDidChange = this.changed.event;

  async show(): Promise<void> {
    const session = currentSession();
    const { content } = await askMachine('unikernel.memoryMap', {}, session);
    const uri = Uri.from({ scheme, path: `${session.name}.memory`, query: session.id });
    this.contents.set(uri.toString(), content);
    this.changed.fire(uri);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.contents.get(uri.toString()) ?? 'The guest is gone.';
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
