import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { architectures, targets } from '../../src/targets';
import { unikernel } from './unikernel';

describe('unikernel', function () {
  this.timeout(600_000);
  let parent: string;
  let project: string;

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unikernel-cli-'));
    project = join(parent, 'hello');
    const created = await unikernel(parent, 'new', 'c-hello', 'hello');
    assert.equal(created.exitCode, 0, created.stderr);
    const built = await unikernel(project, 'build');
    assert.equal(built.exitCode, 0, built.stderr);
  });

  after(async () => {
    const cleaned = await unikernel(project, 'clean');
    assert.equal(cleaned.exitCode, 0, cleaned.stderr);
    await rm(parent, { recursive: true });
  });

  for (const target of targets) {
    it(`boots the template on ${target.id}`, async () => {
      const { exitCode, stdout, stderr } = await unikernel(project, 'run', '--no-build', '--target', target.id);
      assert.match(stdout, /^Hello from a unikernel! \(1 of 3\)\r?\n/);
      assert.equal(exitCode, 0, stderr);
    });
  }

  it('ends the guest when nobody reads what it prints any more', async () => {
    const endless = join(parent, 'endless');
    assert.equal((await unikernel(parent, 'new', 'c-hello', 'endless')).exitCode, 0);
    const source = '#include <stdio.h>\nint main(void) { for (;;) puts("again"); }\n';
    await writeFile(join(endless, 'src', 'main.c'), source);
    const built = await unikernel(endless, 'build', '--target', 'x86_64-microvm');
    assert.equal(built.exitCode, 0, built.stderr);
    const { execa } = await import('execa');
    const cli = resolve(__dirname, '../../src/cli/main.ts');
    const running = execa('tsx', [cli, 'run', '--no-build', '--target', 'x86_64-microvm'], {
      cwd: endless,
      preferLocal: true,
      localDir: resolve(__dirname, '../..'),
      reject: false,
      timeout: 60_000,
      buffer: false,
    });
    running.stdout.once('data', () => running.stdout.destroy());
    const { timedOut, exitCode } = await running;
    assert.deepEqual([timedOut, exitCode], [false, 143]);
    assert.equal((await unikernel(endless, 'clean')).exitCode, 0);
  });

  for (const architecture of architectures) {
    const target = targets.find((candidate) => candidate.architecture === architecture)!.id;

    it(`reports what is inside for ${architecture}`, async () => {
      const { stdout } = await unikernel(project, 'report', '--json', '--target', target);
      const report = JSON.parse(stdout) as { architecture: string; systemCalls: { reached: string[] } };
      assert.equal(report.architecture, architecture);
      const { reached } = report.systemCalls;
      assert.ok(reached.includes('writev') && reached.includes('exit_group'), reached.join(' '));
      assert.ok(!reached.includes('socket'), reached.join(' '));
    });

    it(`hands on exit statuses exactly on ${architecture}`, async () => {
      const source = '#include <stdlib.h>\nint main(int argc, char **argv) { return argc > 1 ? atoi(argv[1]) : 7; }\n';
      await writeFile(join(project, 'src', 'main.c'), source);
      const built = await unikernel(project, 'build', '--target', target);
      assert.equal(built.exitCode, 0, built.stderr);
      for (const status of [0, 1, 42, 200]) {
        const { exitCode, stderr } = await unikernel(project, 'run', '--no-build', '--target', target, String(status));
        assert.equal(exitCode, status, stderr);
      }
    });
  }

  for (const architecture of architectures) {
    const target = targets.find((candidate) => candidate.architecture === architecture)!.id;

    it(`hands on the arguments as they are on ${architecture}`, async () => {
      const source =
        '#include <stdio.h>\nint main(int argc, char **argv)\n{\n    for (int i = 1; i < argc; i++)\n        printf("<%s>\\n", argv[i]);\n}\n';
      await writeFile(join(project, 'src', 'main.c'), source);
      const words = ['plain', 'two words', '', 'a "quote"', 'back\\slash', "it's"];
      const { stdout, stderr } = await unikernel(project, 'run', '--target', target, ...words);
      const printed = stdout.split(/\r?\n/).filter((line) => line.startsWith('<'));
      assert.deepEqual(
        printed,
        words.map((word) => `<${word}>`),
        stderr,
      );
    });
  }

  for (const target of targets) {
    it(`reports a null pointer with function, file and line on ${target.id}, apart from the program's output`, async () => {
      const source =
        '#include <unistd.h>\nint peek(int *p)\n{\n    return *p;\n}\nint main(void)\n{\n    write(1, "a\\r\\nb\\nhalf \\x1e", 11);\n    return peek(0);\n}\n';
      await writeFile(join(project, 'src', 'main.c'), source);
      const { exitCode, stdout, stderr } = await unikernel(project, 'run', '--target', target.id);
      assert.equal(stdout, 'a\r\nb\nhalf \x1e');
      assert.match(stderr, /\n\*\*\* unikernel crash: page fault: read of 0x0000000000000000/);
      assert.match(stderr, /#0 0x[0-9a-f]{16} in peek at src\/main\.c:4/);
      assert.equal(exitCode, 139, stderr);
    });
  }

  it('takes no program for a crash that prints what begins a report', async () => {
    const report = '\x1e\n*** unikernel crash: none\n*** end of crash\n';
    const text = JSON.stringify(report).replace('\\u001e', '\\x1e');
    const source = `#include <unistd.h>\nint main(void)\n{\n    for (int i = 0; i < 2; i++)\n        write(1, ${text}, ${report.length});\n    return 3;\n}\n`;
    await writeFile(join(project, 'src', 'main.c'), source);
    const { exitCode, stdout } = await unikernel(project, 'run', '--json');
    const result = JSON.parse(stdout) as { console: string; report?: string };
    assert.equal(result.console, report + report);
    assert.equal(result.report, undefined);
    assert.equal(exitCode, 3);
  });

  it('names the place of an error', async () => {
    await writeFile(join(project, 'src', 'main.c'), 'int main(void)\n{\n    return nothing;\n}\n');
    const { exitCode, stderr } = await unikernel(project, 'build');
    assert.equal(exitCode, 1);
    assert.match(stderr, /hello\/src\/main\.c:3:12: error: .*nothing/);
  });
});
