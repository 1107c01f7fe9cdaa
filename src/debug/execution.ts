import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { isCancelled } from '../errors';
import type { Gdb } from '../gdb/gdb';
import type { MiTuple } from '../gdb/mi/record';
import { guestBusy, guestDoesNotStop, guestNotStopped } from './errors';
import { Ended, Starting, type GuestState, type Purpose } from './guestState';

/** A lost interrupt is sent again after so many milliseconds. */
const interruptAgainAfter = 300;

/** A guest that does not stop for so many is not waited for any longer. */
const mostInterrupts = 30;

/** Milliseconds in which a guest that gdb connected to has to stop. */
const longestConnecting = 10_000;

/** Milliseconds in which what was asked for before has to be done. */
const longestWait = 30_000;

/** Where a guest's history begins and ends. */
export interface Bounds {
  /** Called before the guest goes on; answers a stop when it cannot. */
  leave(how: string): Promise<MiTuple | undefined>;
  /** Called at a stop, before it is reported; says in it where history begins or ends. */
  arrive(stop: MiTuple): Promise<MiTuple>;
}

/** Knows whether the guest runs, and makes it run, step and stop. */
export class Execution extends EventEmitter<{
  stopped: [MiTuple];
  /** The guest is about to go on, as the person wants it to. */
  leaving: [];
  /** It goes on by itself: gdb was told to by other means. */
  resumed: [];
  changed: [];
  unseen: [MiTuple];
}> {
  private current: GuestState = new Starting();
  /** What was asked for and is not done yet. */
  private queue: Promise<unknown> | undefined;
  /** What the queue is busy with. */
  private doing = '';
  /** Where the guest stands since gdb told of it. */
  private lastStop: MiTuple | undefined;
  /** The guest is asked to stop. */
  private interruption = Promise.resolve();
  bounds: Bounds | undefined;
  /** Stops the guest without gdb, which only hears of it. */
  stopMachine: (() => void) | undefined;

  constructor(private readonly gdb: Gdb) {
    super();
    gdb.on('stopped', (stop) => {
      this.receiveStop(stop);
    });
    gdb.on('running', () => {
      // As a command of the person's made it; what goes on by us is in that state already.
      if (this.state.name === 'held') this.state = this.state.released();
      if (this.state.name !== 'stopped') return;
      this.state = this.state.resumed();
      this.emit('resumed');
    });
  }

  get state(): GuestState {
    return this.current;
  }

  private set state(state: GuestState) {
    this.current = state;
    this.emit('changed');
  }

  /** As the person sees it: a guest that is only held for an edit runs. */
  get running(): boolean {
    return this.is('running') || this.is('interrupting') || this.is('held') || this.is('unseen');
  }

  /**
   * Runs or steps: `continue`, `next`, `step`, `finish`, `next-instruction`, `step-instruction`, … with gdb's options.
   * What was asked for before is done first: an edit, a snapshot.
   */
  go(how: string, options: readonly string[] = [], direction: 'forward' | 'backward' = 'forward'): Promise<void> {
    return this.inTurn(async () => {
      await this.interrupted();
      await this.leave(how, options, direction);
    }, how);
  }

  /** Goes on from a stop that the person need not see, unless they had the guest go on from there meanwhile. */
  passOver(stop: MiTuple): Promise<void> {
    return this.inTurn(async () => {
      if (this.lastStop === stop && this.is('stopped')) await this.leave('continue', [], 'forward');
    }, 'continue');
  }

  private async leave(how: string, options: readonly string[], direction: 'forward' | 'backward'): Promise<void> {
    if (this.state.name !== 'stopped') throw guestNotStopped(this.state.name);
    const { state } = this;
    this.state = state.resumed();
    this.lastStop = undefined;
    this.emit('leaving');
    try {
      const bound = direction === 'forward' ? await this.bounds?.leave(how) : undefined;
      if (bound !== undefined) {
        this.state = state;
        this.report(bound);
        return;
      }
      await this.gdb.send(`exec-${how}`, options);
    } catch (error) {
      this.state = state;
      throw error;
    }
  }

  /** Lets the guest run to its next stop, and answers that instead of reporting it. */
  async goUnseen(how: string, options: readonly string[] = []): Promise<MiTuple> {
    if (this.state.name !== 'stopped') throw guestNotStopped(this.state.name);
    const { state } = this;
    this.state = state.resumedUnseen();
    const stop = new Promise<MiTuple>((resolve) => {
      this.once('unseen', resolve);
    });
    try {
      await this.gdb.send(`exec-${how}`, options);
    } catch (error) {
      this.state = state;
      throw error;
    }
    return stop;
  }

  /** Reports a stop that was not gdb's, after the answer to the request that led to it. */
  report(stop: MiTuple): void {
    setImmediate(() => {
      this.tell(stop);
    });
  }

  /**
   * Stops the guest; the stop is reported as any other. It waits neither for an edit nor for a snapshot: a guest that is held for
   * one is only shown.
   */
  async pause(signal?: AbortSignal): Promise<void> {
    if (this.state.name === 'interrupting') this.state = this.state.wanted();
    if (this.state.name === 'held') this.show();
    else if (this.is('running') || this.is('interrupting')) await this.interrupt('pause', signal);
    else await this.inTurn(() => this.interrupt('pause', signal), 'pause');
  }

  /**
   * Does something that gdb only does while the guest stands still, such as inserting a breakpoint. A running guest is
   * interrupted for it and goes on after, without the person seeing a stop. Such actions come one after another; who waits too long
   * for one is told what it is.
   */
  whileStopped<T>(action: () => Promise<T>, what = 'another request'): Promise<T> {
    return this.inTurn(async () => {
      await this.interrupt('edit');
      try {
        return await action();
      } finally {
        await this.release();
      }
    }, what);
  }

  /** Resolves when all that was asked for before is done. */
  settle(): Promise<void> {
    return this.inTurn(() => Promise.resolve(), '');
  }

  /** Connects, which stops the guest; nobody is told of that stop. */
  async connecting(connect: () => Promise<void>): Promise<void> {
    this.state = new Starting();
    const stopped = once(this.gdb, 'stopped', { signal: AbortSignal.timeout(longestConnecting) });
    stopped.catch(() => undefined);
    await connect();
    await stopped;
  }

  /** The guest has ended, or is let go: no stop of it is reported any more. */
  end(): void {
    this.state = new Ended();
  }

  private receiveStop(stop: MiTuple): void {
    switch (this.state.name) {
      case 'starting':
        this.state = this.state.connected();
        break;
      case 'running':
        this.state = this.state.stopped();
        this.arrive(stop);
        break;
      case 'interrupting':
        this.state = this.state.stopped(stop);
        if (this.is('stopped')) this.arrive(stop);
        break;
      case 'unseen':
        this.state = this.state.stopped();
        this.emit('unseen', stop);
        break;
      case 'stopped':
      case 'held':
      case 'ended':
        break;
    }
  }

  private arrive(stop: MiTuple): void {
    if (this.bounds === undefined) this.tell(stop);
    else
      void this.bounds.arrive(stop).then((placed) => {
        this.tell(placed);
      });
  }

  private tell(stop: MiTuple): void {
    this.lastStop = stop;
    this.emit('stopped', stop);
  }

  private is(name: GuestState['name']): boolean {
    return this.current.name === name;
  }

  private inTurn<T>(action: () => Promise<T>, what: string): Promise<T> {
    const before = this.queue;
    const result = (before === undefined ? Promise.resolve() : this.turnAfter(before)).then(() => {
      this.doing = what;
      return action();
    });
    const queue = Promise.allSettled([before, result]).then(() => {
      if (this.queue === queue) this.queue = undefined;
    });
    this.queue = queue;
    return result;
  }

  private async turnAfter(before: Promise<unknown>): Promise<void> {
    const waiting = new AbortController();
    const late = delay(longestWait, undefined, waiting).then(
      () => {
        throw guestBusy(this.doing, longestWait / 1000);
      },
      () => undefined,
    );
    await Promise.race([before, late]).finally(() => {
      waiting.abort();
    });
  }

  private async interrupt(purpose: Purpose, signal?: AbortSignal): Promise<void> {
    await this.interrupted();
    if (this.state.name !== 'running') return;
    this.state = this.state.interrupted(purpose);
    this.interruption = this.untilStopped(signal);
    await this.interruption;
  }

  /** Waits for a stop that the guest is already asked for, unless who asked no longer wants it. */
  private async interrupted(): Promise<void> {
    if (!this.is('interrupting')) return;
    await this.interruption.catch((error: unknown) => {
      if (!isCancelled(error)) throw error;
    });
  }

  private async untilStopped(signal?: AbortSignal): Promise<void> {
    try {
      for (let tries = 0; this.is('interrupting'); tries++) {
        signal?.throwIfAborted();
        if (tries === mostInterrupts) throw guestDoesNotStop((mostInterrupts * interruptAgainAfter) / 1000);
        await this.gdb.interrupt(this.stopMachine);
        await this.nextStop();
      }
    } catch (error) {
      if (this.current.name === 'interrupting') this.state = this.current.gaveUp();
      throw error;
    }
  }

  /** After an edit the guest goes on, or shows the stop that came before our interrupt. */
  private async release(): Promise<void> {
    if (this.state.name !== 'held') return;
    if (!this.state.isOurs) {
      this.show();
      return;
    }
    this.state = this.state.released();
    await this.gdb.send('exec-continue');
  }

  /** The person sees a guest that is held as stopped. */
  private show(): void {
    if (this.state.name !== 'held') return;
    const { stop } = this.state;
    this.state = this.state.shown();
    this.arrive(stop);
  }

  /** Waits for a stop, but not longer than after which the interrupt is sent again. */
  private nextStop(): Promise<void> {
    if (!this.is('interrupting')) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.off('changed', settle);
        resolve();
      };
      const timer = setTimeout(settle, interruptAgainAfter);
      this.on('changed', settle);
    });
  }
}
