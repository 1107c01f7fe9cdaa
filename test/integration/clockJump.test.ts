import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile, cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { descendants } from './processes';
import { boot, unikernel } from './unikernel';

/** Milliseconds for which the computer does not run the guest. */
const absence = 2500;

/** Keeps a guest from running for a while: its clock goes on with the computer's, as when that sleeps or is busy. */
async function stopForAWhile(): Promise<void> {
  // The last: the guest before may not be gone for good.
  const qemu = (await descendants(process.pid, 'qemu-system-')).at(-1)!;
  process.kill(qemu, 'SIGSTOP');
  await delay(absence);
  process.kill(qemu, 'SIGCONT');
}

describe('a clock that jumps', function () {
  this.timeout(300_000);
  let project: string;

  before(async () => {
    project = join(await mkdtemp(join(tmpdir(), 'unikernel-jump-')), 'jump');
    await cp(resolve(__dirname, '../fixtures/clockJump'), project, { recursive: true });
    await writeFile(join(project, 'unikernel.json'), '{ "name": "jump", "language": "c", "sources": ["main.c"] }');
    const built = await unikernel(project, 'build');
    assert.equal(built.exitCode, 0, built.stderr);
  });
  after(async () => {
    await unikernel(project, 'clean');
    await rm(resolve(project, '..'), { recursive: true });
  });

  for (const target of targets) {
    it(`wakes all on ${target.id} whose time has come, and they go on`, async () => {
      let stopped: Promise<void> | undefined;
      let text = '';
      const { output, status } = await boot(project, target, [], (data) => {
        text += data.toString();
        if (text.includes('ready')) stopped ??= stopForAWhile();
      });
      await stopped;
      assert.equal(status, 0, output);
      const number = (name: string): number => Number(new RegExp(`${name} (\\d+)`).exec(output)?.[1]);
      const jumped = number('jumped');
      assert.ok(jumped > absence - 100 && jumped < absence + 1000, output);
      // In half a second, on a machine that may be busy.
      for (const [name, least] of Object.entries({ sleeps: 50, alarms: 10, waits: 5 }))
        assert.ok(number(name) >= least, `${name}: ${output}`);
      assert.match(output, /timer has counted all\nclocks go together\n/);
      assert.doesNotMatch(output, /backwards/);
    });
  }
});
