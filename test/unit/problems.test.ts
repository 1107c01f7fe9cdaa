import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseProblems } from '../../src/build/problems';

describe('problems', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'unikernel-problems-'));
    execFileSync('gcc', ['--version']);
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** What the real gcc prints for a program. */
  function compile(source: string, ...flags: string[]): string {
    writeFileSync(join(folder, 'main.c'), source);
    const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } } as const;
    return spawnSync('gcc', ['-Wall', '-g', ...flags, 'main.c', '-o', 'main'], options).stderr;
  }

  it('of gcc have their place, severity and option', () => {
    const output = compile('int main(void) {\n  int unused;\n  return nothing;\n}\n');
    assert.deepEqual(
      parseProblems(output, '/home/me/p').map(({ file, line, column, severity, code }) => ({
        file,
        line,
        column,
        severity,
        code,
      })),
      [
        { file: '/home/me/p/main.c', line: 3, column: 10, severity: 'error', code: undefined },
        { file: '/home/me/p/main.c', line: 3, column: 10, severity: 'note', code: undefined },
        { file: '/home/me/p/main.c', line: 2, column: 7, severity: 'warning', code: '-Wunused-variable' },
      ],
    );
  });

  it('of a missing header are errors', () => {
    const [problem] = parseProblems(compile('#include "missing.h"\n'), '/p');
    assert.equal(problem?.severity, 'error');
    assert.equal(problem.line, 1);
    assert.match(problem.message, /missing\.h: No such file/);
  });

  it('of the linker have the line that refers to what is missing', () => {
    const output = compile(
      'void missing(void);\nint main(void) {\n  missing();\n}\n',
      '-ffile-prefix-map=' + folder + '=/project',
    );
    const [problem, ...more] = parseProblems(output, '/p');
    assert.deepEqual(more, []);
    assert.deepEqual(
      { ...problem, message: '' },
      { file: '/p/main.c', line: 3, column: 1, severity: 'error', message: '', source: 'ld' },
    );
    assert.match(problem!.message, /undefined reference to `missing'/);
  });

  it('are mapped from the container, and said once', () => {
    const line = '/workspace/project/src/a b.c:1:2: error: no\n';
    assert.deepEqual(
      parseProblems(line + line, '/p').map(({ file }) => file),
      ['/p/src/a b.c'],
    );
    assert.equal(parseProblems('/usr/include/stdio.h:3:1: note: here\n', '/p')[0]?.file, '/usr/include/stdio.h');
  });

  it('are not seen in other output', () => {
    assert.deepEqual(parseProblems('[1/2] Compile src/main.c\nFAILED: x.o\nninja: build stopped.\n', '/p'), []);
  });
});
