import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { inForm } from '../form';
import { boot, unikernel } from '../integration/unikernel';

/** So many calls are made in a boot. */
const count = 30_000;

/** The same in each run, and in the long form (npm run test:long) new ones, with which each target takes a million calls. */
const fresh = Date.now() % 1_000_000;
const seeds = inForm(
  [1, 2],
  Array.from({ length: 34 }, (_, boot) => fresh + boot),
);

/** Calls that end the program, its thread or its timer, or take away what it stands on, as they should. */
const endings = [
  ...['exit', 'exit_group', 'rt_sigreturn', 'clone', 'clone3', 'fork', 'vfork', 'execve', 'arch_prctl', 'close_range'],
  // Where they block the signal by which a call that waits is ended.
  ...['rt_sigprocmask', 'rt_sigaction', 'rt_sigsuspend', 'ppoll', 'pselect6', 'epoll_pwait', 'epoll_pwait2'],
  // They may end the program by a limit of processor time, or with the memory that it needs.
  ...['setrlimit', 'prlimit64'],
];

/** The system calls that the library OS has a handler for. */
async function handlers(): Promise<string[]> {
  const folder = resolve(__dirname, '../../libos');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.c'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const names = texts.flatMap((text) => [...text.matchAll(/^\w.*\blibos_sys_(\w+)\(/gm)].map((match) => match[1]!));
  return [...new Set(names)].sort();
}

describe('calls with arguments at random', function () {
  this.timeout(300_000);
  let parent: string;
  let folder: string;

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unikernel-fuzz-'));
    folder = join(parent, 'fuzz');
    const names = (await handlers()).filter((name) => !endings.includes(name));
    assert.ok(names.length > 150, names.join());
    await cp(join(__dirname, 'fuzz.c'), join(folder, 'fuzz.c'));
    // Some calls are of one architecture only.
    const lines = names.map((name) => `#ifdef SYS_${name}\nCALL(${name})\n#endif\n`);
    await writeFile(join(folder, 'calls.h'), lines.join(''));
    const project = { name: 'fuzz', language: 'c', sources: ['fuzz.c'], memory: '256M' };
    await writeFile(join(folder, 'unikernel.json'), JSON.stringify(project));
    const built = await unikernel(folder, 'build');
    assert.equal(built.exitCode, 0, built.stderr);
  });
  after(async () => {
    await unikernel(folder, 'clean');
    await rm(parent, { recursive: true });
  });

  for (const target of targets) {
    for (const seed of seeds) {
      it(`are answered on ${target.id} with the seed ${seed}`, async () => {
        const { output, status } = await boot(folder, target, [String(seed), String(count)]);
        // What it wrote to the console by chance may be before it.
        assert.match(output, /\d+ calls of \d+ kinds, some refused$/m);
        assert.equal(status, 0, output);
      });
    }
  }
});
