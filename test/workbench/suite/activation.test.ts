import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { commands, extensions } from 'vscode';
import type { Extension } from 'vscode';
import { contributes } from '../../../src/vscode/contributions';
import { eventually, openMainFile } from './project';

const ourExtension = (): Extension<unknown> | undefined => extensions.getExtension('unikernel-tools.unikernel-tools');

/** The names of our bundles that the extension host has loaded. */
function loadedBundles(): string[] {
  const folder = `${ourExtension()?.extensionPath ?? ''}/dist/`;
  return Object.keys(require.cache)
    .filter((path) => path.startsWith(folder))
    .map((path) => basename(path));
}

describe('the extension in a window with a project', () => {
  it('is activated by the project, and loads nothing that is heavy', async () => {
    await eventually('the extension is active', () => ourExtension()?.isActive);
    assert.deepEqual(loadedBundles(), ['extension.js']);
  });

  it('stays light while sources are read', async () => {
    await openMainFile();
    assert.deepEqual(loadedBundles(), ['extension.js']);
  });

  it('has registered every command that it contributes', async () => {
    const registered = await commands.getCommands(true);
    const missing = contributes.commands.filter(({ command }) => !registered.includes(command));
    assert.deepEqual(missing, []);
  });
});
