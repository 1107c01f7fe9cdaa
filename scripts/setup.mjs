// Makes a machine ready: npm packages and Debian packages. Plain Node, since nothing is installed yet when it runs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** What each job needs of Debian, by package name. */
export const debianPackages = {
  run: ['qemu-system-x86', 'qemu-system-arm', 'qemu-utils', 'gdb-multiarch'],
  engine: ['docker.io', 'iptables', 'debootstrap'],
  test: [
    'gcc',
    'libc6-dev',
    'gcc-aarch64-linux-gnu',
    'libc6-dev-arm64-cross',
    'g++-12-aarch64-linux-gnu',
    'libstdc++-12-dev-arm64-cross',
    'libcapstone-dev',
    'ninja-build',
    'clang-14',
    'clang-tidy-14',
    'libclang-rt-14-dev',
    'strace',
  ],
  /** What the programs of others in test/upstream need: to complete their sources, and as clients. */
  upstream: [
    ...['tcl', 'redis-tools', 'wrk', 'golang-go', 'rustc', 'libstd-rust-dev:arm64'],
    ...['ocaml-nox', 'ocaml-findlib', 'liblwt-ocaml-dev'],
  ],
  /** Another client of the debug adapter than VS Code. */
  emacs: ['emacs-nox', 'elpa-dap-mode'],
  workbench: ['libkrb5-dev', 'g++', 'make', 'python3'],
  browser: ['chromium'],
  /** For the `host` engine; one of another architecture is written as apt does, `musl-dev:arm64`. */
  host: readdirSync(`${root}/toolchains`)
    .map((name) => `${root}/toolchains/${name}/toolchain.json`)
    .filter((file) => existsSync(file))
    .flatMap((file) => JSON.parse(readFileSync(file, 'utf8')).hostPackages),
};

/** Runs a program with its output on ours; true when it ended with 0. */
export function run(program, args, options = {}) {
  return spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options }).status === 0;
}

function isInstalled(name) {
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Status}\n', name], { encoding: 'utf8' });
  return query.status === 0 && query.stdout.includes('install ok installed');
}

/** apt knows packages of another architecture only after it was told of that. */
function addArchitectures(names) {
  const known = ['--print-architecture', '--print-foreign-architectures']
    .map((option) => spawnSync('dpkg', [option], { encoding: 'utf8' }).stdout.split('\n'))
    .flat();
  const wanted = new Set(names.flatMap((name) => /:(.+)/.exec(name)?.[1] ?? []));
  for (const architecture of wanted) {
    if (!known.includes(architecture)) run('dpkg', ['--add-architecture', architecture]);
  }
}

/** Installs the npm packages where the lock file is newer than what is there. */
export function installNpmPackages() {
  const installed = `${root}/node_modules/.package-lock.json`;
  const current = existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${root}/package-lock.json`).mtimeMs;
  if (current) return;
  console.log('set-up: npm ci');
  if (!run('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'])) {
    throw new Error('npm ci failed (its output is above): is the npm registry reachable?');
  }
}

/**
 * Installs the Debian packages that are missing; on a terminal it asks first, unless told yes.
 * Returns those that could not be installed.
 */
export async function installDebianPackages(names, { yes = false } = {}) {
  if (spawnSync('dpkg-query', ['--version']).status !== 0) return names;
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return [];
  const command = `apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) {
    console.log(`set-up: these packages are missing and need root: sudo ${command}`);
    return missing;
  }
  if (process.stdin.isTTY && !yes) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question(`set-up: ${command}\nInstall now? [Y/n] `);
    terminal.close();
    if (/^n/i.test(answer.trim())) return missing;
  }
  console.log(`set-up: ${command}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = { env, stdio: ['ignore', 'ignore', 'inherit'] };
  addArchitectures(missing);
  run('apt-get', ['update', '-qq'], quiet);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], quiet);
  return missing.filter((name) => !isInstalled(name));
}

// As a program: installs the groups of Debian packages that its arguments name.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2).flatMap((group) => debianPackages[group]);
  process.exitCode = (await installDebianPackages(names)).length === 0 ? 0 : 1;
}
