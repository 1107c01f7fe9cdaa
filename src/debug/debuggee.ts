import type { DebugProtocol } from '@vscode/debugprotocol';
import { EventEmitter, once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import { isCancelled, messageOf } from '../errors';
import { gdbExited } from '../gdb/errors';
import type { Gdb } from '../gdb/gdb';
import { text, type MiTuple } from '../gdb/mi/record';
import type { GuestExit } from '../qemu/exitStatus';
import type { Guest } from '../qemu/guest';
import { Breakpoints } from './breakpoints';
import { cannotConnect, guestLost } from './errors';
import { Execution } from './execution';
import { orKilled, startGdb, startGuest, type GdbPlan, type LaunchPlan } from './launch';
import type { Listen } from './listen';
import { Registers } from './registers';
import { Stack } from './stack';
import { Variables } from './variables';

interface DebuggeeEvents {
  /** What the guest wrote on its console. */
  console: [string];
  /** The guest has ended; undefined when all that is known is that gdb lost it. */
  ended: [GuestExit | undefined];
  /** gdb ended by itself. */
  failed: [Error];
}

/** Milliseconds in which a guest that is not ours is let go on: the person wants the end now. */
const patienceAtTheEnd = 1500;

/** Milliseconds in which QEMU, when gdb has lost the guest, may end. */
const patienceForQemu = 3000;

/** A guest and the gdb that is connected to it: all that one debug session holds. */
export class Debuggee extends EventEmitter<DebuggeeEvents> {
  readonly execution: Execution;
  readonly breakpoints: Breakpoints;
  readonly stack: Stack;
  readonly variables: Variables;
  readonly registers: Registers;
  private closing = false;

  private constructor(
    readonly gdb: Gdb,
    /** Undefined when attached to a guest that is not ours. */
    private current: Guest | undefined,
  ) {
    super();
    this.execution = new Execution(gdb);
    this.breakpoints = new Breakpoints(gdb);
    this.stack = new Stack(gdb);
    this.variables = new Variables(gdb);
    this.registers = new Registers(gdb);
    const isForeign = current === undefined;
    gdb.on('exit', () => {
      if (!this.closing) this.emit('failed', gdbExited(gdb.lastLines));
    });
    gdb.on('notify', (name) => {
      if (name !== 'thread-group-exited') return;
      if (isForeign) this.emit('ended', undefined);
      else void this.lost();
    });
    // Of a guest of ours, QEMU says more precisely how it ended.
    if (!isForeign) return;
    // QEMU may hold the machine when it was shut down, but it will not run again.
    this.execution.on('stopped', (stop) => {
      if (isShutdown(stop)) this.emit('ended', undefined);
    });
  }

  /** Starts gdb and the guest at the same time, and connects them. An abort or a failure leaves no process behind. */
  static async launch(plan: LaunchPlan, gdbPlan: GdbPlan, listen: Listen, signal: AbortSignal): Promise<Debuggee> {
    const [guest, gdb] = await Promise.allSettled([startGuest(plan, signal), startGdb(gdbPlan, listen, signal)]);
    if (guest.status === 'fulfilled' && gdb.status === 'fulfilled') {
      const debuggee = new Debuggee(gdb.value, guest.value);
      try {
        await debuggee.connect(guest.value.gdbSocket ?? '', signal);
        return debuggee;
      } catch (error) {
        await debuggee.dispose();
        throw error;
      }
    }
    if (gdb.status === 'fulfilled') gdb.value.kill();
    if (guest.status === 'fulfilled') await guest.value.dispose();
    throw guest.status === 'rejected' ? guest.reason : (gdb as PromiseRejectedResult).reason;
  }

  /** Connects gdb to a guest that runs already, which stops it. */
  static async attach(address: string, plan: GdbPlan, listen: Listen, signal: AbortSignal): Promise<Debuggee> {
    const debuggee = new Debuggee(await startGdb(plan, listen, signal), undefined);
    try {
      await debuggee.connect(address, signal);
      return debuggee;
    } catch (error) {
      await debuggee.dispose();
      throw error;
    }
  }

  get guest(): Guest | undefined {
    return this.current;
  }

  /** Begins to report the guest's output and its end. */
  follow(): void {
    const guest = this.current;
    if (guest === undefined) return;
    const decoder = new StringDecoder('utf8');
    guest.console.subscribe((data) => this.emit('console', decoder.write(data)));
    void guest.ended.then((exit) => {
      if (this.current === guest && !this.closing) this.emit('ended', exit);
    });
  }

  /** At a stop: asks gdb already now for what an editor always asks. */
  askAhead(thread: number): void {
    this.stack.askAhead(thread);
    this.variables.askAhead({ thread, level: 0 });
  }

  /** The guest goes on: what was shown of it is no longer true. */
  forget(): void {
    this.stack.forget();
    this.variables.clear();
  }

  /** The person changed the guest: what was asked ahead of the editor may no longer be true. */
  forgetAhead(): void {
    this.stack.forget();
    this.variables.forgetAhead();
  }

  /** The variables in a container: locals, members, register groups or registers. */
  async expand(reference: number, start?: number, count?: number): Promise<DebugProtocol.Variable[]> {
    const container = this.variables.container(reference);
    switch (container?.kind) {
      case undefined:
        return [];
      case 'locals':
        return this.variables.locals(reference, container.frame);
      case 'object':
        return this.variables.members(reference, container.object, start, count);
      case 'registers':
        return (await this.registers.groups()).map((group) => ({
          name: group,
          value: '',
          variablesReference: this.variables.reference({ kind: 'registerGroup', frame: container.frame, group }),
        }));
      case 'registerGroup':
        return this.registers.values(container.group, container.frame);
    }
  }

  /** Replaces the guest by a fresh one, frozen at reset; the breakpoints stay. */
  async restart(plan: LaunchPlan, signal: AbortSignal): Promise<void> {
    const old = this.current;
    this.current = undefined;
    if (this.execution.running) await this.execution.pause();
    this.forget();
    await this.gdb.send('target-disconnect').catch(() => undefined);
    await old?.dispose();
    this.current = await startGuest(plan, signal);
    await this.connect(this.current.gdbSocket ?? '', signal);
    this.follow();
  }

  /** Ends gdb and our guest; a guest that is not ours goes on. */
  async dispose(): Promise<void> {
    this.closing = true;
    if (this.current === undefined) {
      const lettingGo = this.letGo().catch(() => undefined);
      await Promise.race([lettingGo, delay(patienceAtTheEnd, undefined, { ref: false })]);
    }
    this.gdb.kill();
    await this.current?.dispose();
  }

  /** gdb has no guest any more: QEMU ends with it and says how, or else no longer speaks to gdb. */
  private async lost(): Promise<void> {
    const guest = this.current;
    if (guest === undefined) return;
    const isLost = await Promise.race([guest.ended.then(() => false), delay(patienceForQemu, true, { ref: false })]);
    if (isLost && this.current === guest && !this.closing) this.emit('failed', guestLost());
  }

  private async letGo(): Promise<void> {
    if (this.execution.running) await this.execution.pause();
    await this.gdb.send('target-detach', [], patienceAtTheEnd);
  }

  private connect(address: string, signal: AbortSignal): Promise<void> {
    return orKilled(this.gdb, signal, async () => {
      const stopped = once(this.gdb, 'stopped', { signal: AbortSignal.timeout(10_000) });
      stopped.catch(() => undefined);
      await this.execution.hidingStops(async () => {
        try {
          await this.gdb.send('target-select', ['remote', address]);
          await stopped;
        } catch (error) {
          throw cannotConnect(address, isCancelled(error) ? 'The guest does not stop.' : messageOf(error));
        }
      });
      // Other CPUs stand still during a step; gdb takes this only from a connected target.
      await this.gdb.send('gdb-set', ['scheduler-locking', 'step']);
    });
  }
}

/** True for the stop that QEMU reports because the machine was shut down: the guest's end, not a stop. */
export function isShutdown(stop: MiTuple): boolean {
  return stop['signal-name'] === 'SIGQUIT' || text(stop['reason']).startsWith('exited');
}
