import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { runNatively } from './native';
import { boot, buildHello } from './unikernel';

for (const program of ['signals', 'threads']) {
  const source = resolve(__dirname, `../fixtures/concurrency/${program}.c`);

  describe(program, function () {
    this.timeout(300_000);
    let project: Awaited<ReturnType<typeof buildHello>>;
    let native: Awaited<ReturnType<typeof runNatively>>;

    before(async () => {
      project = await buildHello(await readFile(source, 'utf8'));
      native = await runNatively(source, dirname(project.folder));
    });
    after(() => project.remove());

    for (const target of targets) {
      it(`are on ${target.id} what they are on Linux`, async () => {
        const { output, status } = await boot(project.folder, target);
        assert.deepEqual(output.split('\n'), native.output.split('\n'));
        assert.equal(status, native.status);
      });
    }
  });
}
