import assert from 'node:assert/strict';
import { commands, DiagnosticSeverity, languages, Position, Uri, window, workspace } from 'vscode';
import type { CompletionList, Diagnostic, TextDocument } from 'vscode';
import { eventually, pathOf, withFile } from './project';

const projectFile = (): Uri => Uri.file(pathOf('unikernel.json'));
const errors = (): Diagnostic[] =>
  languages.getDiagnostics(projectFile()).filter(({ severity }) => severity === DiagnosticSeverity.Error);

/** Shows unikernel.json with another text, as another program wrote it. */
async function withText(
  change: (text: string) => string,
  work: (document: TextDocument) => Promise<void>,
): Promise<void> {
  const document = await workspace.openTextDocument(projectFile());
  await window.showTextDocument(document);
  const before = document.getText();
  await withFile(projectFile().fsPath, change, async () => {
    await eventually('the editor shows the changed file', () => document.getText() !== before);
    await work(document);
  });
  await eventually('the editor shows the file as it was', () => document.getText() === before);
}

async function completionsAt(position: Position): Promise<string[]> {
  const command = 'vscode.executeCompletionItemProvider';
  const { items } = await commands.executeCommand<CompletionList>(command, projectFile(), position);
  return items.map(({ label }) => (typeof label === 'string' ? label : label.label));
}

describe('unikernel.json in the editor', () => {
  it('is completed: fields and values', async () => {
    await withText(
      (text) => text.replace('{', '{\n  \n  "libc": "",'),
      async (document) => {
        const fields = await eventually('fields are offered', async () => {
          const labels = await completionsAt(new Position(1, 2));
          return labels.includes('memory') ? labels : undefined;
        });
        assert.ok(
          ['optimize', 'targets', 'aslr'].every((field) => fields.includes(field)),
          fields.join(),
        );
        const value = document.positionAt(document.getText().indexOf('"libc": "') + '"libc": "'.length);
        assert.deepEqual(await completionsAt(value), ['"musl"']);
      },
    );
  });

  it('has its errors marked where they are, and no longer when they are mended', async () => {
    await withText(
      (text) => text.replace('"language"', '"langauge"'),
      async (document) => {
        const found = await eventually('the misspelt field is marked', () =>
          errors().find(({ message }) => message.includes('did you mean "language"')),
        );
        assert.equal(found.range.start.line, document.positionAt(document.getText().indexOf('"langauge"')).line);
      },
    );
    await eventually('nothing is marked any more', () => errors().length === 0);
  });
});
