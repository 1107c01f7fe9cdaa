import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { boot, buildHello } from './unikernel';

/** Builds a C program as an ordinary one of this computer, and tells what it prints and its status. */
export async function runNatively(
  source: string,
  folder: string,
  words: readonly string[] = [],
): Promise<{ readonly output: string; readonly status: number | undefined }> {
  const { execa } = await import('execa');
  const program = join(folder, 'native');
  await execa('gcc', ['-std=gnu11', '-static', '-o', program, source]);
  const { stdout, exitCode } = await execa(program, words, { reject: false, stripFinalNewline: false });
  return { output: stdout, status: exitCode };
}

/** Tests that a fixture does as a unikernel what it does as an ordinary program: its output and its status. */
export function describeAsOnLinux(subject: string, fixture: string): void {
  const source = resolve(__dirname, '../fixtures', fixture);

  describe(subject, function () {
    this.timeout(300_000);
    let project: Awaited<ReturnType<typeof buildHello>>;
    let native: Awaited<ReturnType<typeof runNatively>>;

    before(async () => {
      project = await buildHello(await readFile(source, 'utf8'));
      native = await runNatively(source, dirname(project.folder));
    });
    after(() => project.remove());

    for (const target of targets) {
      it(`on ${target.id} as on Linux`, async () => {
        const { output, status } = await boot(project.folder, target);
        assert.deepEqual(output.split('\n'), native.output.split('\n'));
        assert.equal(status, native.status);
      });
    }
  });
}
