// activate.cjs ROOT: loads the extension's bundle, activates it and prints how many milliseconds that took. Plain Node:
// what it calls of the editor does nothing and costs nothing, so that only our own code is measured.
const Module = require('node:module');
const { join } = require('node:path');
const { performance } = require('node:perf_hooks');

const [root] = process.argv.slice(2);
const nothing = new Proxy(
  function () {
    return nothing;
  },
  {
    get: (_, name) => (name === 'then' ? undefined : name === Symbol.toPrimitive ? () => '' : nothing),
    set: () => true,
    construct: () => nothing,
  },
);
const load = Module._load;
Module._load = (name, ...rest) => (name === 'vscode' ? nothing : load(name, ...rest));
const context = { extensionPath: root, extensionUri: nothing, subscriptions: [] };

const start = performance.now();
const { activate } = require(join(root, 'dist', 'extension.js'));
activate({ ...context, workspaceState: nothing, globalState: nothing });
const milliseconds = performance.now() - start;

if (context.subscriptions.length === 0) throw new Error('Activation registers nothing.');
if (Object.keys(require.cache).some((path) => path.endsWith('core.js'))) throw new Error('Activation loads core.js.');
console.log(milliseconds);
process.exit();
