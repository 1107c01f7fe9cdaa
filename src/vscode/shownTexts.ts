import { EventEmitter, Uri, window, workspace } from 'vscode';
import type { Disposable, TextDocumentContentProvider } from 'vscode';

const scheme = 'unikernel-text';

/** Texts as documents that cannot be edited, each anew when it is shown again. */
export class ShownTexts implements TextDocumentContentProvider, Disposable {
  private readonly changed = new EventEmitter<Uri>();
  private readonly registration = workspace.registerTextDocumentContentProvider(scheme, this);
  private readonly contents = new Map<string, string>();
  readonly onDidChange = this.changed.event;

  /** Shows a text under its name; what it is of tells it from others of that name. */
  async show(name: string, subject: string, content: string): Promise<void> {
    const uri = Uri.from({ scheme, path: name, query: subject });
    this.contents.set(uri.toString(), content);
    this.changed.fire(uri);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.contents.get(uri.toString()) ?? 'What this was of is gone.';
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
