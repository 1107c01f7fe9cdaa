import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { readElf } from '../../src/image/elf';
import { LineTable, readLineTable } from '../../src/image/lineTable';

const source = `int first(int a)
{
    a++; a--; return a;
}
int _start(void)
{
    return first(3);
}
`;
const line = 3;
/** Compilers place a statement at its operator, and a return at what is returned. */
const expected = ['++', '--', 'a;'].map((text) => source.split('\n')[line - 1]!.indexOf(text) + 1);

describe('line numbers', function () {
  this.timeout(30_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'line-table-'));
    await writeFile(join(folder, 'main.c'), source);
  });
  after(() => rm(folder, { recursive: true }));

  /** Where the statements of the line begin, in the order of their code. */
  async function columnsOf(compiler: string, ...options: string[]): Promise<number[]> {
    const program = join(folder, 'program');
    const words = ['-O0', '-nostdlib', '-static', '-no-pie', ...options, '-o', program, join(folder, 'main.c')];
    execFileSync(compiler, words);
    const { address, bytes } = (await readElf(program)).findSymbol('first')!;
    const rows = (await readLineTable(program)).rowsIn(address, address + BigInt(bytes));
    assert.ok(rows.every((row, index) => index === 0 || row.address >= rows[index - 1]!.address));
    assert.ok(new Set(rows.map(({ file }) => file)).size <= 1);
    return rows.filter((row) => row.line === line).map(({ column }) => column);
  }

  for (const compiler of ['gcc', 'aarch64-linux-gnu-gcc']) {
    for (const options of [
      ['-gdwarf-2'],
      ['-gdwarf-3'],
      ['-gdwarf-4'],
      ['-gdwarf-5'],
      ['-gdwarf-5', '-gz'],
      ['-g', '-gdwarf64'],
    ]) {
      it(`have columns: ${compiler} ${options.join(' ')}`, async () => {
        assert.deepEqual((await columnsOf(compiler, ...options)).slice(0, 3), expected);
      });
    }
  }

  it('are none without debug information', async () => {
    assert.deepEqual(await columnsOf('gcc', '-g0'), []);
  });

  it('that are cut off are an error', () => {
    assert.throws(() => new LineTable(Buffer.from([100, 0, 0, 0, 5, 0, 8, 0])), RangeError);
  });
});
