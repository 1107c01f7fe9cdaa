// npm run package: builds the product and writes out/unikernel-tools.vsix, which VS Code installs.
import { mkdirSync } from 'node:fs';
import { root, run } from './setup.mjs';

mkdirSync(`${root}/out`, { recursive: true });
const file = `${root}/out/unikernel-tools.vsix`;
// The bundles hold what they need of npm packages, so that none go into the package.
const options = ['--no-dependencies', '--no-rewrite-relative-links', '--allow-missing-repository', '--out', file];
const ok = run('node', ['scripts/build.mjs']) && run('node', ['node_modules/@vscode/vsce/vsce', 'package', ...options]);
process.exitCode = ok ? 0 : 1;
