import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Ended, Starting, type Running } from '../../src/debug/guestState';

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
    // The compiler refuses the constants if the transitions are there.
    const endedRuns: Has<Ended, 'resumed'> = false;
    const startingIsInterrupted: Has<Starting, 'interrupted'> = false;
    const runningRuns: Has<Running, 'resumed'> = false;
    const [ended, starting]: object[] = [new Ended(), new Starting()];
    assert.deepEqual(
      ['resumed' in ended!, 'interrupted' in starting!, 'resumed' in running],
      [endedRuns, startingIsInterrupted, runningRuns],
    );
  });
});

type Has<State, Transition extends string> = Transition extends keyof State ? true : false;
