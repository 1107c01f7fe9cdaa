import { text, tuple, list, type MiTuple } from '../gdb/mi/record';
import type { GuestExit } from '../qemu/exitStatus';
import type { Guest } from '../qemu/guest';
import { instructionCount, stopReplayAt } from '../qemu/record';
import { loadSnapshot, saveSnapshot } from '../qemu/snapshots';
import type { Debuggee } from './debuggee';
import { notDebugging, notRecorded } from './errors';
import { faultPlace } from './crash';
import type { Bounds } from './execution';
import type { LaunchPlan } from './plan';
import type { Handlers } from './requests';

/** The requests that go back in a recorded run. */
export const historyHandlers = {
  stepBack: async ({ history }, { threadId, granularity }) => {
    if (history === undefined) throw notRecorded();
    await history.stepBack(threadId, granularity === 'instruction');
    return undefined;
  },
  reverseContinue: async ({ history }) => {
    if (history === undefined) throw notRecorded();
    await history.continueBack();
    return undefined;
  },
} satisfies Handlers;

/** Instructions that QEMU executes again in a few milliseconds; a snapshot is never further before a place than that. */
const stride = 300_000;

/** Milliseconds after which an instruction that waits for an interrupt is not waited for. */
const longestInstruction = 500;

/** QEMU's snapshot at the start of a recording. */
const start = { name: 'init', count: 0 };

/**
 * The history of a recorded run. The guest is recorded as it is debugged; at the first step back, or when it has
 * ended, another guest repeats the recording, and from then on goes only where the recorded one was.
 * Places in history are counts of executed instructions.
 */
export class History implements Bounds {
  private replaying = false;
  private count = 0;
  private end = Infinity;
  /** How the recorded guest ended. */
  private exit: GuestExit | undefined;
  private snapshots = [start];
  /** Where a step was begun that ended at a place. */
  private readonly steps = new Map<number, number>();
  private stepping: number | undefined;

  constructor(
    private readonly debuggee: Debuggee,
    private readonly plan: LaunchPlan,
    private readonly signal: AbortSignal,
  ) {
    debuggee.execution.bounds = this;
  }

  /** A new run is recorded. */
  begin(): void {
    this.replaying = false;
    this.count = 0;
    this.end = Infinity;
    this.exit = undefined;
    this.stepping = undefined;
    this.snapshots = [start];
    this.steps.clear();
  }

  async leave(how: string): Promise<MiTuple | undefined> {
    this.stepping = /^(next|step)$/.test(how) ? this.count : undefined;
    if (!this.replaying) return undefined;
    if (this.count < this.end) {
      await stopReplayAt(this.guest, this.end);
      return undefined;
    }
    // The guest's own end is where its session ends as well.
    if (this.exit !== undefined) this.debuggee.emit('ended', this.exit);
    return atTheEnd;
  }

  async arrive(stop: MiTuple): Promise<MiTuple> {
    const { guest } = this.debuggee;
    // At the guest's end QEMU may be gone.
    const count = guest && (await instructionCount(guest).catch(() => undefined));
    if (count === undefined) return stop;
    this.count = count;
    if (this.stepping !== undefined && this.stepping < count) this.steps.set(count, this.stepping);
    this.stepping = undefined;
    if (!this.replaying || stop['signal-name'] === undefined) return stop;
    if (count === 0) return { ...stop, ...atTheStart };
    return count >= this.end ? { ...stop, ...atTheEnd } : stop;
  }

  /** Goes on in the recording of a guest that has ended, at its end; false where none of it is left. */
  async outlive(guest: Guest, exit: GuestExit): Promise<boolean> {
    if (guest.recordedInstructions === undefined) return false;
    // Already on the way back.
    if (this.replaying) return true;
    this.exit = exit;
    // As in turnBack, one instruction before the very end.
    await this.replay(guest.recordedInstructions - 1);
    this.debuggee.execution.report(atTheEnd);
    return true;
  }

  /** Goes back to where the step was begun that led here; where there was none, a statement or an instruction back. */
  async stepBack(thread: number, instruction: boolean): Promise<void> {
    const { execution, exception, gdb } = this.debuggee;
    const crashed = exception?.kind === 'fault' ? await faultPlace(gdb) : undefined;
    if (!this.replaying) await this.turnBack();
    this.debuggee.forget();
    const stop = { reason: 'end-stepping-range', 'thread-id': String(thread) };
    const earlier = instruction ? undefined : this.steps.get(this.count);
    if (this.count === 0) execution.report(atTheStart);
    else if (crashed !== undefined) {
      await execution.whileStopped(() => this.backTo(crashed));
      execution.report(stop);
    } else if (earlier !== undefined) {
      await execution.whileStopped(() => this.seek(earlier));
      execution.report(stop);
    } else {
      const options = ['--thread', String(thread), '--reverse'];
      await execution.go(instruction ? 'step-instruction' : 'next', options, 'backward');
    }
  }

  /** Goes back to the last breakpoint before, or to the start. */
  async continueBack(): Promise<void> {
    if (!this.replaying) await this.turnBack();
    await this.debuggee.execution.go('continue', ['--reverse'], 'backward');
  }

  private get guest(): Guest {
    const { guest } = this.debuggee;
    if (guest === undefined) throw notDebugging();
    return guest;
  }

  /** The recording ends here, where the guest stands still. */
  private async turnBack(): Promise<void> {
    const { gdb, execution } = this.debuggee;
    this.replaying = true;
    // One instruction more: a replay that stands where its recording ends may shut down instead of stopping.
    const waiting = setTimeout(() => void gdb.send('exec-interrupt').catch(() => undefined), longestInstruction);
    await execution.whileStopped(() => execution.goUnseen('step-instruction'));
    clearTimeout(waiting);
    await this.replay(this.count);
  }

  /** From now on a guest repeats what was recorded up to this place, where it stands still. */
  private async replay(end: number): Promise<void> {
    const { guest: options } = this.plan;
    const recording = options.recording && { ...options.recording, mode: 'replay' as const };
    const plan = { ...this.plan, guest: { ...options, recording } };
    // QEMU writes the rest of the recording when it is asked to end.
    await this.debuggee.replace((recorded) => recorded.powerOff(), plan, this.signal);
    this.debuggee.follow(false);
    this.replaying = true;
    this.end = end;
    this.count = 0;
    await this.debuggee.execution.whileStopped(() => this.seek(end));
  }

  /** Brings the guest to a place, unseen: from the last snapshot before it, or from where it is. */
  private async seek(place: number): Promise<void> {
    const { debuggee } = this;
    const snapshot = this.snapshots.filter(({ count }) => count <= place).at(-1) ?? start;
    if (place < this.count || snapshot.count > this.count) {
      await loadSnapshot(this.guest, snapshot.name);
      await debuggee.machineChanged();
      this.count = snapshot.count;
    }
    await this.withoutBreakpoints(() => this.forward(place, snapshot.count));
  }

  private async forward(place: number, snapshot: number): Promise<void> {
    if (place - snapshot > stride) {
      await this.runTo(place - stride);
      const name = `at ${this.count}`;
      await saveSnapshot(this.guest, name);
      this.snapshots = [...this.snapshots, { name, count: this.count }].sort((a, b) => a.count - b.count);
    }
    await this.runTo(place);
  }

  /** Goes back, unseen, to where this instruction was executed last. */
  private async backTo(address: string): Promise<void> {
    const { gdb, execution } = this.debuggee;
    await this.withoutBreakpoints(async () => {
      await gdb.send('break-insert', ['-t', `*${address}`]);
      const stop = await execution.goUnseen('continue', ['--reverse']);
      // An instruction that faults is not counted: QEMU may take the place after it, in the exception, for the same.
      if (BigInt(text(tuple(stop['frame'])['addr'])) !== BigInt(address)) {
        await execution.goUnseen('step-instruction', ['--reverse']);
        await execution.goUnseen('step-instruction');
      }
    });
    this.count = await instructionCount(this.guest);
  }

  private async runTo(place: number): Promise<void> {
    if (this.count >= place) return;
    await stopReplayAt(this.guest, place);
    await this.debuggee.execution.goUnseen('continue');
    this.count = await instructionCount(this.guest);
  }

  private async withoutBreakpoints(action: () => Promise<void>): Promise<void> {
    const { gdb } = this.debuggee;
    const { BreakpointTable: table } = await gdb.send('break-list');
    const breakpoints = list(tuple(table)['body']).map(tuple);
    const enabled = breakpoints.filter((each) => each['enabled'] === 'y').map(({ number }) => text(number));
    if (enabled.length > 0) await gdb.send('break-disable', enabled);
    try {
      await action();
    } finally {
      if (enabled.length > 0) await gdb.send('break-enable', enabled);
    }
  }
}

const atTheStart = { reason: 'no-history', description: 'Start of the recording' };
const atTheEnd = { reason: 'no-history', description: 'End of the recording' };
