import fc from 'fast-check';
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMi } from '../../src/gdb/mi/parser';
import { printMi } from '../../src/gdb/mi/printer';
import type { MiRecord, MiValue } from '../../src/gdb/mi/record';
import { architectures } from '../../src/targets';

const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,9}$/);
const tuple = (value: fc.Arbitrary<MiValue>): fc.Arbitrary<Record<string, MiValue>> =>
  fc
    .uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 4 })
    .map((all) => Object.fromEntries(all));
const { value } = fc.letrec<{ value: MiValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    tuple(tie('value')),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
}));
const record: fc.Arbitrary<MiRecord> = fc.oneof(
  fc.record({
    type: fc.constantFrom('result', 'exec', 'status', 'notify'),
    token: fc.nat(),
    class: fc.stringMatching(/^[a-z]+(-[a-z]+)?$/),
    results: tuple(value),
  }),
  fc.record({ type: fc.constantFrom('console', 'target', 'log'), text: fc.string({ unit: 'grapheme' }) }),
  fc.constant({ type: 'prompt' } as const),
);

describe('gdb/MI output', () => {
  it('is read back as it was printed', () => {
    fc.assert(
      fc.property(record, (printed) => {
        assert.deepEqual(structuredClone(parseMi(printMi(printed))), structuredClone(printed));
      }),
    );
  });

  it('is read as gdb writes it', () => {
    assert.deepEqual(parseMi('12^done,stack=[frame={level="0",func="main"},frame={level="1",func="start"}]'), {
      type: 'result',
      token: 12,
      class: 'done',
      results: {
        stack: [
          { level: '0', func: 'main' },
          { level: '1', func: 'start' },
        ],
      },
    });
    assert.deepEqual(parseMi('~"caf\\303\\251\\n"'), { type: 'console', text: 'café\n' });
    assert.deepEqual(parseMi('(gdb) '), { type: 'prompt' });
  });

  it('leaves the output of programs alone, and says where MI breaks off', () => {
    assert.equal(parseMi('hello'), undefined);
    assert.throws(() => parseMi('^done,a="b'), SyntaxError);
    assert.throws(() => parseMi('*stopped,frame={level='), SyntaxError);
  });

  // Recorded sessions of gdb 13.1 with QEMU 7.2; UPDATE_GOLDEN=1 writes what the parser reads now, to be looked at.
  for (const architecture of architectures) {
    it(`is read as it was recorded on ${architecture}`, () => {
      const file = (ending: string): string => join(__dirname, '../fixtures/mi', `${architecture}.${ending}`);
      const read = readFileSync(file('mi'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => `${JSON.stringify(parseMi(line) ?? null)}\n`);
      if (process.env['UPDATE_GOLDEN']) writeFileSync(file('jsonl'), read.join(''));
      assert.equal(read.join(''), readFileSync(file('jsonl'), 'utf8'));
    });
  }
});
