import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { reportSchema } from '../../src/build/report';
import { architectures, targets } from '../../src/targets';
import { boot, unikernel } from './unikernel';

const source = resolve(__dirname, '../fixtures/ready/program.c');
const words = ['one', 'two words'];

// Programs that are linked before they come into a project: of glibc, which has no sources there.
for (const stripped of [false, true])
  describe(`a ready program ${stripped ? 'without' : 'with'} symbols`, function () {
    this.timeout(300_000);
    let folder: string;
    let native: { output: string; status: number | undefined };

    before(async () => {
      const { execa } = await import('execa');
      const parent = await mkdtemp(join(tmpdir(), 'unikernel-ready-'));
      folder = join(parent, 'ready');
      const files = join(folder, 'files');
      await mkdir(files, { recursive: true });
      await writeFile(join(files, 'greeting'), 'Good morning\n');
      const flags = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-O1', '-static', '-no-pie', stripped ? '-s' : '-g'];
      for (const architecture of architectures)
        await execa(`${architecture}-linux-gnu-gcc`, [...flags, '-o', join(folder, architecture), source]);
      const program = Object.fromEntries(architectures.map((architecture) => [architecture, architecture]));
      const project = { name: 'ready', language: 'elf', program, files: 'files' };
      await writeFile(join(folder, 'unikernel.json'), JSON.stringify(project));

      const work = join(parent, 'work');
      await cp(files, work, { recursive: true });
      const run = await execa(join(folder, 'x86_64'), words, { cwd: work, reject: false, stripFinalNewline: false });
      native = { output: run.stdout, status: run.exitCode };
      const built = await unikernel(folder, 'build');
      assert.equal(built.exitCode, 0, built.stderr);
    });
    after(async () => {
      await unikernel(folder, 'clean');
      await rm(join(folder, '..'), { recursive: true });
    });

    for (const target of targets) {
      it(`does on ${target.id} what it does on Linux`, async () => {
        const { output, status } = await boot(folder, target, words);
        assert.deepEqual({ output, status }, native);
      });
    }

    it('is reported with the calls that it may make', async () => {
      const text = await readFile(join(folder, 'build', 'x86_64', 'report.json'), 'utf8');
      const { reached, unresolved } = reportSchema.parse(JSON.parse(text)).systemCalls;
      assert.ok(reached.includes('set_robust_list'));
      assert.equal(reached.includes('epoll_create1'), stripped);
      assert.equal(unresolved.includes('.text'), stripped);
    });
  });
