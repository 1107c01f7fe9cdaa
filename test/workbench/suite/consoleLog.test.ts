import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { commands, Uri, workspace } from 'vscode';
import { pathOf } from './project';

/** A piece of text and its scopes, outermost first, separated by spaces. */
interface SyntaxToken {
  readonly c: string;
  readonly t: string;
}

describe('a console that was saved', () => {
  const file = (): Uri => Uri.file(pathOf('guest.console'));

  after(async () => {
    await rm(file().fsPath);
  });

  it('has its parts told apart by the grammar', async () => {
    const lines = [
      'Hello',
      '*** unikernel crash: page fault: read of 0x0000000000000008',
      '    rax 0x0000000000000008 rbx 0x0000000000201275',
      '  #0 0x0000000000201271 in peek at src/main.c:3',
    ];
    await writeFile(file().fsPath, lines.join('\n'));
    assert.equal((await workspace.openTextDocument(file())).languageId, 'unikernel-log');
    const tokens = await commands.executeCommand<SyntaxToken[]>('_workbench.captureSyntaxTokens', file());
    const scope = (text: string): string | undefined =>
      tokens
        .find(({ c }) => c.includes(text))
        ?.t.split(' ')
        .at(-1);
    assert.equal(scope('Hello'), 'text.log.unikernel');
    assert.equal(scope('page fault'), 'invalid.illegal.panic.unikernel');
    assert.equal(scope('rax'), 'variable.language.register.unikernel');
    assert.equal(scope('0000000000201275'), 'constant.numeric.hex.unikernel');
    assert.equal(scope('peek'), 'entity.name.function.unikernel');
    assert.equal(scope('src/main.c'), 'markup.underline.link.unikernel');
  });
});
