import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Ended, Starting } from '../../src/debug/guestState';

const ours = { 'signal-name': 'SIGINT' };
const breakpoint = { reason: 'breakpoint-hit', bkptno: '1' };

describe("a guest's state", () => {
  const running = new Starting().connected().resumed();

  it('goes from connecting to running and back to a stop', () => {
    assert.equal(new Starting().connected().name, 'stopped');
    assert.equal(running.name, 'running');
    assert.equal(running.stopped().name, 'stopped');
  });

  it('is shown to the person when they paused it, and goes on when it does not stop', () => {
    const interrupting = running.interrupted('pause');
    assert.equal(interrupting.stopped(ours).name, 'stopped');
    assert.equal(interrupting.gaveUp().name, 'running');
  });

  it('is only held for an edit, and shown where something else had stopped it', () => {
    const held = running.interrupted('edit').stopped(ours);
    assert.ok(held.name === 'held' && held.isOurs);
    assert.equal(held.released().name, 'running');
    const late = running.interrupted('edit').stopped(breakpoint);
    assert.ok(late.name === 'held' && !late.isOurs);
    assert.equal(late.shown().name, 'stopped');
  });

  it('has no way to code what is impossible', () => {
    // @ts-expect-error what has ended cannot run.
    assert.throws(() => new Ended().resumed());
    // @ts-expect-error what is not connected cannot be interrupted.
    assert.throws(() => new Starting().interrupted('pause'));
    // @ts-expect-error what runs cannot be resumed.
    assert.throws(() => running.resumed());
  });
});
