import assert from 'node:assert/strict';
import { window } from 'vscode';
import type { Terminal } from 'vscode';
import { SourceLinks } from '../../../src/vscode/sourceLinks';
import { mainFile, pathOf } from './project';

describe('places in the text of a terminal', () => {
  let terminal: Terminal;

  before(() => {
    terminal = window.createTerminal('places');
  });

  after(() => {
    terminal.dispose();
  });

  /** What is a link in a line. */
  async function linksIn(line: string): Promise<string[]> {
    const links = await new SourceLinks(() => pathOf()).provideTerminalLinks({ terminal, line });
    return links.map(({ startIndex, length }) => line.slice(startIndex, startIndex + length));
  }

  it('are links where they are in a file of the project', async () => {
    const frame = '  #0 0x0000000000201271 in peek at src/main.c:3';
    assert.deepEqual(await linksIn(frame), ['src/main.c:3']);
    assert.deepEqual(await linksIn("x86_64   src/main.c:4:9: error: 'a' undeclared"), ['src/main.c:4:9']);
    assert.deepEqual(await linksIn('/project/src/main.c:16: undefined reference'), ['/project/src/main.c:16']);
    assert.deepEqual(await linksIn(`${mainFile().fsPath}:5`), [`${mainFile().fsPath}:5`]);
  });

  it('are none elsewhere', async () => {
    for (const line of ['src/missing.c:3', '/etc/passwd:1', '../../etc/passwd:1', 'src:1', 'main.c:3', '10:20:30']) {
      assert.deepEqual(await linksIn(line), [], line);
    }
    const others = new SourceLinks(() => undefined);
    assert.deepEqual(await others.provideTerminalLinks({ terminal, line: 'src/main.c:3' }), []);
  });

  it('open the source at their line and column', async () => {
    const links = new SourceLinks(() => pathOf());
    const [link] = await links.provideTerminalLinks({ terminal, line: 'src/main.c:9:5: note' });
    assert.ok(link);
    await links.handleTerminalLink(link);
    const { document, selection } = window.activeTextEditor ?? {};
    assert.equal(document?.uri.fsPath, mainFile().fsPath);
    assert.deepEqual([selection?.start.line, selection?.start.character], [8, 4]);
  });
});
