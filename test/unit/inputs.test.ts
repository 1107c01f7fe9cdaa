import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectInputs } from '../../src/build/inputs';
import { UnikernelError } from '../../src/errors';
import { projectSchema } from '../../src/project/schema';
import { readToolchain } from '../../src/toolchain';

/** What a build of a project for x86_64 takes, by its path; or why it cannot be. */
async function inputsOf(folder: string, fields: object): Promise<string[] | string> {
  const configuration = projectSchema.parse({ name: 'a', language: 'elf', ...fields });
  const toolchain = await readToolchain(join('toolchains', configuration.language));
  try {
    const inputs = await collectInputs({ folder, configuration }, toolchain, ['x86_64']);
    return inputs.map(({ path }) => path).filter((path) => /^project|program/.test(path));
  } catch (error) {
    assert.ok(error instanceof UnikernelError);
    return `${error.what} ${error.why}`;
  }
}

describe('what a build of a ready program takes', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unikernel-inputs-'));
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'bin', 'a'), '');
  });
  after(() => rm(folder, { recursive: true }));

  it('is the program of each architecture, once', async () => {
    assert.deepEqual(await inputsOf(folder, { program: 'bin/a' }), [
      'project/bin/a',
      'plan/program-x86_64',
      'plan/program-aarch64',
    ]);
  });

  it('lacks the program of an architecture that is not built now', async () => {
    const program = { x86_64: 'bin/a', aarch64: 'bin/missing' };
    assert.deepEqual(await inputsOf(folder, { program }), ['project/bin/a', 'plan/program-x86_64']);
  });

  it('is missing where nothing names it, or nothing is there', async () => {
    assert.match(String(await inputsOf(folder, {})), /no program for x86_64/);
    assert.match(String(await inputsOf(folder, { program: { aarch64: 'bin/a' } })), /no program for x86_64/);
    assert.match(String(await inputsOf(folder, { program: 'bin/missing' })), /bin\/missing cannot be read/);
  });

  it('is refused in a project that is compiled', async () => {
    assert.match(
      String(await inputsOf(folder, { language: 'c', program: 'bin/a' })),
      /no meaning for the language "c"/,
    );
  });

  it('cannot be moved', async () => {
    const moved = await inputsOf(folder, { program: 'bin/a', aslr: true });
    assert.equal(
      moved,
      '"aslr" cannot be had with the language "elf". The program is linked to fixed addresses already, and cannot be moved.',
    );
  });
});
