import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { architectures, defaultTarget, findTarget, targets } from '../../src/targets';

describe('targets', () => {
  it('are found by their identifier, which begins with the architecture', () => {
    for (const target of targets) {
      assert.equal(findTarget(target.id), target);
      assert.ok(target.id.startsWith(`${target.architecture}-`));
    }
    assert.equal(findTarget('riscv64-virt'), undefined);
  });

  it('cover every architecture, the minimal x86_64 machine first', () => {
    assert.deepEqual(new Set(targets.map((target) => target.architecture)), new Set(architectures));
    assert.equal(defaultTarget.id, 'x86_64-microvm');
  });
});
