import { EventEmitter } from 'node:events';
import type { Gdb } from '../gdb/gdb';
import { text, type MiTuple } from '../gdb/mi/record';
import type { Debuggee } from './debuggee';
import { guestDoesNotStop, guestRuns } from './errors';
import type { Handlers } from './requests';

/** The requests that let the guest run, or stop it. */
export const executionHandlers = {
  continue: async (debuggee) => {
    await go(debuggee, 'continue');
    return { allThreadsContinued: true };
  },
  next: (debuggee, { granularity, threadId }) =>
    go(debuggee, granularity === 'instruction' ? 'next-instruction' : 'next', threadId),
  stepIn: (debuggee, { granularity, threadId }) =>
    go(debuggee, granularity === 'instruction' ? 'step-instruction' : 'step', threadId),
  stepOut: (debuggee, { threadId }) => go(debuggee, 'finish', threadId),
  pause: async ({ execution }, _, signal) => {
    await execution.pause(signal);
    return undefined;
  },
} satisfies Handlers;

async function go(debuggee: Debuggee, how: string, thread?: number): Promise<undefined> {
  const going = debuggee.execution.go(how, thread);
  // What was shown of the guest is no longer true; gdb forgets it while the guest runs.
  debuggee.forget();
  await going;
  return undefined;
}

/** A lost interrupt is sent again after so many milliseconds. */
const interruptAgainAfter = 300;

/** A guest that does not stop for so many is not waited for any longer. */
const mostInterrupts = 30;

/** Knows whether the guest runs, and makes it run, step and stop. */
export class Execution extends EventEmitter<{ stopped: [MiTuple]; continued: []; resumed: [] }> {
  private isRunning = false;
  /** What gdb said last; a guest that is only told to run counts as running already. */
  private wasRunning = false;
  /** While set, stops are not the person's business: this takes them. */
  private hiddenStop: ((stop: MiTuple) => void) | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly gdb: Gdb) {
    super();
    gdb.on('stopped', (stop) => {
      this.isRunning = this.wasRunning = false;
      if (this.hiddenStop) this.hiddenStop(stop);
      else this.emit('stopped', stop);
    });
    gdb.on('running', () => {
      const isNews = !this.isRunning && this.hiddenStop === undefined;
      this.isRunning = this.wasRunning = true;
      // A command of gdb's that the person typed let it go on.
      if (isNews) this.emit('resumed');
    });
  }

  get running(): boolean {
    return this.isRunning;
  }

  /** Runs or steps: `continue`, `next`, `step`, `finish`, `next-instruction`, `step-instruction`. */
  async go(how: string, thread?: number): Promise<void> {
    // gdb may keep the command until the next stop, and step on from there.
    if (this.isRunning) throw guestRuns();
    this.isRunning = true;
    try {
      await this.gdb.send(`exec-${how}`, thread === undefined ? [] : ['--thread', String(thread)]);
    } catch (error) {
      this.isRunning = this.wasRunning;
      throw error;
    }
    this.emit('continued');
  }

  /** Stops the guest; the stop is reported as any other. It waits for what is done while the guest is stopped unseen. */
  pause(signal?: AbortSignal): Promise<void> {
    return this.inTurn(() => this.interruptUntil(() => !this.isRunning, signal));
  }

  /**
   * Does something that gdb only does while the guest stands still, such as inserting a breakpoint. A running guest is
   * interrupted for it and goes on after, without the person seeing a stop. Such actions come one after another.
   */
  whileStopped<T>(action: () => Promise<T>): Promise<T> {
    return this.inTurn(() => (this.isRunning ? this.interrupted(action) : action()));
  }

  /** Does something that stops the guest by itself, such as connecting; its stops are not reported. */
  async hidingStops(action: () => Promise<void>): Promise<void> {
    this.hiddenStop = () => undefined;
    try {
      await action();
    } finally {
      this.hiddenStop = undefined;
    }
  }

  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.queue.then(action);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async interrupted<T>(action: () => Promise<T>): Promise<T> {
    let stop: MiTuple | undefined;
    this.hiddenStop = (stopped) => {
      stop = stopped;
    };
    try {
      await this.interruptUntil(() => stop !== undefined);
      return await action();
    } finally {
      this.hiddenStop = undefined;
      // The action may itself have let the guest go on.
      if (stop !== undefined && !this.isRunning) await this.goOnAfter(stop);
    }
  }

  /** After our interrupt the guest runs again; when another reason to stop came before it, that one is the person's. */
  private async goOnAfter(stop: MiTuple): Promise<void> {
    if (text(stop['signal-name']) === 'SIGINT') await this.go('continue');
    else this.emit('stopped', stop);
  }

  private async interruptUntil(stopped: () => boolean, signal?: AbortSignal): Promise<void> {
    for (let tries = 0; !stopped(); tries++) {
      signal?.throwIfAborted();
      if (tries === mostInterrupts) throw guestDoesNotStop((mostInterrupts * interruptAgainAfter) / 1000);
      await this.gdb.send('exec-interrupt');
      await this.nextStop(stopped);
    }
  }

  private nextStop(stopped: () => boolean): Promise<void> {
    if (stopped()) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.gdb.off('stopped', settle);
        resolve();
      };
      const timer = setTimeout(settle, interruptAgainAfter);
      this.gdb.on('stopped', settle);
    });
  }
}
