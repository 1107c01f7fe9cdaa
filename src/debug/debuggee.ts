import type { DebugProtocol } from '@vscode/debugprotocol';
import { EventEmitter } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import { isCancelled, messageOf } from '../errors';
import { gdbExited } from '../gdb/errors';
import type { Gdb } from '../gdb/gdb';
import type { GdbStarter } from '../gdb/starter';
import { text, type MiTuple } from '../gdb/mi/record';
import type { GuestExit } from '../qemu/exitStatus';
import { Guest } from '../qemu/guest';
import type { Architecture } from '../targets';
import { Breakpoints } from './breakpoints';
import { Columns } from './columns';
import { dead } from './dump';
import { cannotConnect, guestLost } from './errors';
import type { Exception } from './exceptions';
import { Execution } from './execution';
import { GotoTargets } from './goto';
import { Memory } from './memory';
import { Modules } from './modules';
import { ThreadTable } from './guestThreads';
import { orKilled, runCommands, startGdb, type GdbPlan } from './gdbSetup';
import type { LaunchPlan } from './plan';
import { Sources } from './sources';
import { History } from './history';
import type { Listen } from './listen';
import { Stack } from './stack';
import { ThreadLocals } from './threadLocals';
import { Threads } from './threads';
import { Variables } from './variables';

interface DebuggeeEvents {
  /** What the guest wrote on its console, and whether that is the report of its crash. */
  console: [string, boolean];
  /** The guest has ended; undefined when all that is known is that gdb lost it. */
  ended: [GuestExit | undefined];
  /** gdb ended by itself. */
  failed: [Error];
  /** Something that the editor is to be told. */
  event: [DebugProtocol.Event];
}

/** Milliseconds in which gdb lets a guest go on: the person wants the end now. */
const patienceAtTheEnd = 1500;

/** Milliseconds in which QEMU, when gdb has lost the guest, may end. */
const patienceForQemu = 3000;

/** A guest and the gdb that is connected to it: all that one debug session holds. */
export class Debuggee extends EventEmitter<DebuggeeEvents> {
  readonly execution: Execution;
  readonly breakpoints: Breakpoints;
  readonly stack: Stack;
  readonly threads: Threads;
  readonly variables: Variables;
  /** What went wrong at this stop. */
  exception: Exception | undefined;
  /** True once the editor said which exceptions stop the guest. */
  hasFilters = false;
  /** gdb's number of the breakpoint that stops on entry. */
  entryBreakpoint: string | undefined;
  /** The functions that were offered to be stepped into; the editor names them by their place here. */
  readonly stepTargets: string[] = [];
  readonly memory: Memory;
  readonly modules: Modules;
  readonly sources: Sources;
  readonly gotoTargets: GotoTargets;
  readonly columns: Columns;
  readonly architecture: Architecture;
  /** Of a recorded run. */
  readonly history: History | undefined;
  private closing = false;

  private constructor(
    readonly gdb: Gdb,
    /** Undefined when attached to a guest that is not ours. */
    private current: Guest | undefined,
    private readonly plan: GdbPlan,
    launched?: { readonly plan: LaunchPlan; readonly signal: AbortSignal },
  ) {
    super();
    this.execution = new Execution(gdb);
    this.breakpoints = new Breakpoints(gdb);
    this.architecture = plan.architecture;
    this.modules = new Modules(gdb, launched?.plan.guest.image);
    this.sources = new Sources(gdb, plan.sourceMap);
    this.stack = new Stack(gdb, this.modules, this.sources, (number) => this.breakpoints.isPlace(number));
    this.threads = new Threads(gdb, new ThreadTable(gdb, plan.architecture));
    this.execution.on('leaving', () => {
      this.forget();
    });
    const threadLocals = plan.elf && new ThreadLocals(plan.elf);
    gdb.addDetour((operation, words) => threadLocals?.detourOf(operation, words));
    this.variables = new Variables(gdb);
    this.memory = new Memory(gdb, (event) => this.emit('event', event));
    this.gotoTargets = new GotoTargets(gdb);
    this.columns = new Columns(plan.symbols, plan.loadOffset);
    this.history = launched?.plan.guest.recording && new History(this, launched.plan, launched.signal);
    const isForeign = current === undefined;
    if (!isForeign) this.execution.stopMachine = () => void this.current?.execute('stop').catch(() => undefined);
    gdb.on('exit', () => {
      if (!this.closing) this.emit('failed', gdbExited(gdb.lastLines));
    });
    gdb.on('notify', (name) => {
      if (name !== 'thread-group-exited' || this.closing) return;
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
  static async launch(plan: LaunchPlan, starter: GdbStarter, listen: Listen, signal: AbortSignal): Promise<Debuggee> {
    const [guest, gdb] = await Promise.allSettled([
      Guest.start(plan.guest, signal),
      startGdb(plan.gdb, starter, listen, signal),
    ]);
    if (guest.status === 'fulfilled' && gdb.status === 'fulfilled') {
      const debuggee = new Debuggee(gdb.value, guest.value, plan.gdb, { plan, signal });
      try {
        await debuggee.connect(guest.value.gdbSocket ?? '', signal);
        if (plan.guest.crashed !== undefined) debuggee.execution.bounds = dead;
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
  static async attach(
    address: string,
    plan: GdbPlan,
    starter: GdbStarter,
    listen: Listen,
    signal: AbortSignal,
  ): Promise<Debuggee> {
    const debuggee = new Debuggee(await startGdb(plan, starter, listen, signal), undefined, plan);
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

  /** Begins to report the guest's end and, unless it was seen already, its output. */
  follow(output = true): void {
    const guest = this.current;
    if (guest === undefined) return;
    const decoder = new StringDecoder('utf8');
    if (output) guest.console.subscribe((data, isReport) => this.emit('console', decoder.write(data), isReport));
    void guest.ended.then(async (exit) => {
      if (this.current !== guest || this.closing) return;
      // What was recorded of it can still be looked at.
      if (await this.history?.outlive(guest, exit)) return;
      this.emit('ended', exit);
    });
  }

  /**
   * Decides how breakpoints are made. By itself: with hardware acceleration, changed code is lost when the image is loaded after
   * reset, so that what is set before the first stop takes the CPU's debug registers.
   */
  chooseBreakpoints(how: 'auto' | 'hardware' | 'software' = 'auto'): void {
    const { breakpoints, execution } = this;
    const untilLoaded = how === 'auto' && this.current?.isAccelerated === true;
    breakpoints.hardware = how === 'hardware' || untilLoaded;
    if (untilLoaded) execution.once('stopped', () => (breakpoints.hardware = false));
    // With TCG breakpoints are not in the guest's memory: they need not be taken out at each stop, to be put in again at each step.
    if (this.current?.isAccelerated === false)
      this.gdb.send('gdb-set', ['breakpoint', 'always-inserted', 'on']).catch(() => undefined);
  }

  /** At a stop: asks gdb already now for what an editor always asks. */
  askAhead(thread: number): void {
    this.stack.askAhead(thread);
    this.memory.changed();
    this.variables.locals.askAhead({ thread, level: 0 });
  }

  /** The guest goes on: what was shown of it is no longer true. */
  forget(): void {
    this.exception = undefined;
    this.stack.forget();
    this.threads.forget();
    this.variables.clear();
  }

  /** The person changed the guest: what was asked ahead of the editor may no longer be true. */
  forgetAhead(): void {
    this.stack.forget();
    this.modules.forget();
    this.memory.changed();
    this.variables.locals.forgetAhead();
  }

  /** The machine was changed behind gdb's back, as by a restored snapshot: what gdb knows of it is old. */
  async machineChanged(): Promise<void> {
    this.forget();
    const caches = ['register-cache', 'dcache'];
    await Promise.all(
      caches.map((cache) => this.gdb.send('interpreter-exec', ['console', `maintenance flush ${cache}`])),
    );
  }

  /** Replaces the guest by a fresh one, frozen at reset; the breakpoints stay. */
  async restart(plan: LaunchPlan, signal: AbortSignal): Promise<void> {
    if (this.execution.running) await this.execution.pause();
    await this.execution.settle();
    await this.replace((old) => old.dispose(), plan, signal);
    await this.breakpoints.restart();
    this.history?.begin();
    this.follow();
  }

  /** Ends the guest so, and starts another in its place, frozen at reset; the breakpoints stay. */
  async replace(end: (guest: Guest) => Promise<unknown>, plan: LaunchPlan, signal: AbortSignal): Promise<void> {
    const old = this.current;
    this.current = undefined;
    this.forget();
    await this.gdb.send('target-disconnect').catch(() => undefined);
    if (old !== undefined) await end(old);
    this.current = await Guest.start(plan.guest, signal);
    await this.connect(this.current.gdbSocket ?? '', signal);
  }

  /** Ends gdb; a guest of ours goes on without it. */
  async leave(): Promise<void> {
    this.closing = true;
    await this.tryToLetGo(false);
    this.execution.end();
    this.gdb.kill();
    // A gdb that did not answer has left it standing.
    await this.current?.resume();
  }

  /** Ends gdb and our guest; a guest that is not ours goes on, or ends when it is asked to. */
  async dispose(endsForeignGuest = false): Promise<void> {
    this.closing = true;
    if (this.current === undefined) await this.tryToLetGo(endsForeignGuest);
    this.execution.end();
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

  private async tryToLetGo(ends: boolean): Promise<void> {
    const lettingGo = this.letGo(ends).catch(() => undefined);
    await Promise.race([lettingGo, delay(patienceAtTheEnd, undefined, { ref: false })]);
  }

  private async letGo(ends: boolean): Promise<void> {
    if (this.execution.running) await this.execution.pause();
    if (ends) await this.gdb.send('interpreter-exec', ['console', 'kill'], patienceAtTheEnd);
    else await this.gdb.send('target-detach', [], patienceAtTheEnd);
  }

  private connect(address: string, signal: AbortSignal): Promise<void> {
    return orKilled(this.gdb, signal, async () => {
      await this.execution
        .connecting(async () => {
          await this.gdb.send('target-select', ['remote', address]);
        })
        .catch((error: unknown) => {
          throw cannotConnect(address, isCancelled(error) ? 'The guest does not stop.' : messageOf(error));
        });
      // Other CPUs stand still during a step; gdb takes this only from a connected target.
      await this.gdb.send('gdb-set', ['scheduler-locking', 'step']);
      await runCommands(this.gdb, this.plan.commands);
    });
  }
}

/** True for the stop that QEMU reports because the machine was shut down: the guest's end, not a stop. */
export function isShutdown(stop: MiTuple): boolean {
  return stop['signal-name'] === 'SIGQUIT' || text(stop['reason']).startsWith('exited');
}
