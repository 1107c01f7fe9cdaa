import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { HitCondition } from '../../src/debug/hitCondition';

/** Which of ten hits stop, when the hits that gdb is told to pass over are. */
function stops(text: string): number[] {
  const condition = HitCondition.parse(text)!;
  const stopped: number[] = [];
  let ignored = condition.restart();
  for (let hit = 1; hit <= 10; hit++) {
    if (ignored-- > 0) continue;
    stopped.push(hit);
    ignored = condition.stopped();
  }
  return stopped;
}

describe('a hit condition', () => {
  for (const [text, expected] of Object.entries({
    '8': [8, 9, 10],
    '>= 8': [8, 9, 10],
    '>8': [9, 10],
    '=3': [3],
    '== 3': [3],
    '<3': [1, 2],
    '<=2': [1, 2],
    '%4': [4, 8],
    '<1': [],
    '<=0': [],
    '=0': [],
  })) {
    it(`${text} stops at ${expected.join(', ') || 'none'}`, () => {
      assert.deepEqual(stops(text), expected);
    });
  }

  it('is refused where it says nothing', () => {
    for (const text of ['', 'often', '%0', '3 times', '-1', '<>3']) assert.equal(HitCondition.parse(text), undefined);
  });

  it('begins again when the guest does', () => {
    const condition = HitCondition.parse('=2')!;
    assert.equal(condition.restart(), 1);
    condition.stopped();
    assert.equal(condition.restart(), 1);
  });
});
