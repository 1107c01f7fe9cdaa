import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { before, describe, it } from 'mocha';
import { architectures } from '../../src/targets';
import { adapterProgram } from './debugAdapter';
import { buildKernel, kernelSource, lineOf } from './kernel';

const session = resolve(__dirname, '../fixtures/emacs/session.el');
const run = promisify(execFile);

describe('Emacs with dap-mode (packages emacs-nox and elpa-dap-mode)', function () {
  this.timeout(120_000);

  before(async function () {
    const loads = await run('emacs', ['--batch', '--funcall', 'package-initialize', '--load', 'dap-mode']).catch(
      () => undefined,
    );
    if (loads === undefined) this.skip();
  });

  for (const architecture of architectures) {
    it(`stops at a breakpoint, shows a variable, and goes on to the end on ${architecture}`, async () => {
      const { image } = await buildKernel(architecture);
      const { stdout } = await run('emacs', ['--batch', '--load', session], {
        env: {
          ...process.env,
          ...{ ADAPTER: adapterProgram, KERNEL: image, SOURCE: kernelSource },
          ...{ LINE: String(lineOf('hello')), VARIABLE: 'numbers[1]' },
        },
        timeout: 100_000,
      });
      assert.deepEqual(stdout.trim().split('\n'), [
        `stopped in main at line ${lineOf('hello')}`,
        'numbers[1] is 20',
        'the session ended',
      ]);
    });
  }
});
