import { EventEmitter } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { UnikernelError } from '../errors';
import type { Target } from '../targets';
import { findAccelerator, type Accelerator } from './accelerator';
import { measureArchive } from './archive';
import { guestArguments } from './commandLine';
import { GuestConsole } from './console';
import { guestDidNotStart, qemuTooOld, sharesNotKept } from './errors';
import { checkFit } from './fit';
import { readGuestExit, unknownExitStatus, type ExitRecord, type GuestExit } from './exitStatus';
import { isSupported, locateQemu, versionOf } from './find';
import type { Network } from '../project/network';
import type { Share } from '../project/share';
import { forwardPorts } from './forward';
import { checkPorts } from './network';
import { LastLines, spawnQemu, type QemuProcess } from './process';
import { QmpClient, type QmpEvent } from './qmp';
import { instructionCount, type Recording } from './record';
import { prepareShares } from './shares';
import { monitor, saveSnapshot } from './snapshots';
import { writeSnapshotDisk } from './snapshotDisk';
import { connectWhenListening } from './socket';

export type GuestState = 'running' | 'paused' | 'ended';

export interface GuestOptions {
  readonly machine: Target['machine'];
  /** What boots; undefined where the additional arguments say it. */
  readonly image: string | undefined;
  /** The archive that the image begins with as its files. */
  readonly files?: string | undefined;
  /** Undefined: the guest has no network card. */
  readonly network?: Network | undefined;
  /** Folders of this computer that the guest has as its own. */
  readonly shares?: readonly Share[] | undefined;
  /** Memory as QEMU takes it, such as `64M`. */
  readonly memory: string;
  readonly qemuPath?: string | undefined;
  readonly kernelArguments?: readonly string[] | undefined;
  readonly additionalArguments?: readonly string[] | undefined;
  /** Where the image leaves its exit status; undefined for a kernel that is not ours. */
  readonly exitRecord?: ExitRecord | undefined;
  /** Makes a crash report of the library OS readable; undefined for a kernel that is not ours. */
  readonly describeReport?: ((report: Buffer) => Promise<Buffer>) | undefined;
  /** Opens a socket for gdb and leaves the guest frozen before its first instruction. It can hold snapshots then. */
  readonly debug?: boolean | undefined;
  readonly recording?: Recording | undefined;
  /** Keeps the guest in a file, should it crash, with a note. */
  readonly keepCrash?: { readonly path: string; readonly note: string } | undefined;
  /** The file of a guest that crashed: it is shown as it was then. */
  readonly crashed?: string | undefined;
}

const emulated: Accelerator = { id: 'tcg', description: 'Software emulation (TCG), which recording needs.' };

/** The snapshot of a guest that crashed. */
const crashSnapshot = 'crash';

async function prepareDisk(path: string, { recording, keepCrash, crashed }: GuestOptions): Promise<void> {
  if (crashed !== undefined) await copyFile(crashed, path);
  else if (recording?.mode !== 'replay') await writeSnapshotDisk(path, keepCrash?.note);
}

/** A machine running in a QEMU of its own. */
export class Guest {
  /** Settles once, after QEMU has ended and all output was handed on. */
  readonly ended: Promise<GuestExit>;
  readonly startedAt = new Date();
  private readonly events = new EventEmitter<{ state: [GuestState]; debugged: [] }>();
  private current: GuestState = 'paused';
  private announced: GuestState = 'paused';
  private exit: Promise<GuestExit> | undefined;
  private stoppedByUs = false;
  private hasDebugger: boolean;
  /** How many instructions a recorded run has, once it has ended. */
  recordedInstructions: number | undefined;

  private constructor(
    private readonly qemu: QemuProcess,
    private readonly folder: string,
    private readonly lastLines: LastLines,
    private readonly connections: { qmp: QmpClient; console: GuestConsole },
    private readonly options: GuestOptions,
    private readonly accelerator: Accelerator,
    private gdb: string | undefined,
  ) {
    this.hasDebugger = gdb !== undefined;
    this.ended = this.waitForEnd();
  }

  /** Starts QEMU and, unless debugging, lets the guest run. An abort before that leaves nothing behind. */
  static async start(options: GuestOptions, signal: AbortSignal): Promise<Guest> {
    const emulator = locateQemu(options.machine.program, options.qemuPath);
    // One that crashed is only looked at.
    const network =
      options.crashed === undefined ? options.network : options.network && { ...options.network, ports: [] };
    if (network !== undefined) await checkPorts(network);
    const accelerator = options.recording ? emulated : await findAccelerator(emulator, options.machine, signal);
    const files = await measureArchive(options.files, options.memory);
    if (options.image !== undefined && options.exitRecord !== undefined)
      await checkFit(options.image, files, options.memory);
    const shares = await prepareShares(options.shares ?? []);
    if (shares.length > 0 && (options.recording ?? options.keepCrash) !== undefined)
      throw sharesNotKept(shares.map(({ host }) => host));
    const forwarding = network && (await forwardPorts(network));
    // mkdtemp makes the folder with mode 0700; a socket's path may have 107 characters, so the name is short.
    const folder = await mkdtemp(join(process.platform === 'darwin' ? '/tmp' : tmpdir(), 'uk-'));
    const path = (name: string): string => join(folder, name);
    const snapshotDisk =
      options.recording?.disk ?? options.keepCrash?.path ?? (options.debug === true ? path('d') : undefined);
    try {
      if (snapshotDisk !== undefined) await prepareDisk(snapshotDisk, options);
    } catch (error) {
      forwarding?.close();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    const sockets = { qmp: path('q'), serial: path('s'), ...(options.debug === true ? { gdb: path('g') } : {}) };
    const qemu = spawnQemu(
      emulator,
      guestArguments({
        machine: options.machine,
        accelerator: accelerator.id,
        image: options.image,
        files,
        network: forwarding?.network,
        shares,
        memory: options.memory,
        sockets,
        snapshotDisk,
        recording: options.recording,
        restoredSnapshot: options.crashed && crashSnapshot,
        kernelArguments: options.kernelArguments ?? [],
        additionalArguments: options.additionalArguments ?? [],
      }),
    );
    const lastLines = new LastLines(qemu);
    const starting = new AbortController();
    void qemu.exited.finally(() => {
      starting.abort();
      forwarding?.close();
    });
    const connecting = AbortSignal.any([signal, starting.signal, AbortSignal.timeout(20_000)]);
    let guest: Guest | undefined;
    const early: QmpEvent[] = [];
    try {
      const [qmp, serial] = await Promise.all([
        QmpClient.connect(
          sockets.qmp,
          (event) => {
            if (guest) guest.receive(event);
            else early.push(event);
          },
          connecting,
        ),
        connectWhenListening(sockets.serial, connecting),
      ]);
      if (!isSupported(qmp.version)) throw qemuTooOld(emulator, qmp.version);
      const describe = options.describeReport;
      const hasCrashed = async (): Promise<boolean> =>
        (await guest?.exit?.catch(() => undefined))?.reason === 'crashed';
      const connections = { qmp, console: new GuestConsole(serial, describe && { hasCrashed, describe }) };
      guest = new Guest(qemu, folder, lastLines, connections, options, accelerator, sockets.gdb);
      for (const event of early) guest.receive(event);
      if (forwarding && network.ports.length > 0) forwarding.lead(await monitor(guest, 'info usernet'));
      if (options.debug !== true) await guest.resume();
      return guest;
    } catch (error) {
      qemu.kill();
      await qemu.exited;
      await rm(folder, { recursive: true, force: true });
      signal.throwIfAborted();
      if (error instanceof UnikernelError && error.code === 'qemu.tooOld') throw error;
      // A QEMU that is too old, or does not even start, is the better reason.
      await versionOf(emulator, signal);
      throw guestDidNotStart(lastLines.text);
    }
  }

  get console(): GuestConsole {
    return this.connections.console;
  }

  /** One line: hardware acceleration, or why not. */
  get acceleration(): string {
    return this.accelerator.description;
  }

  /** True where the guest's instructions run on this computer's own CPU. */
  get isAccelerated(): boolean {
    return this.accelerator.id !== 'tcg';
  }

  /** True of what has ended already, and is shown again: a crash, a recorded run. */
  get isPast(): boolean {
    return this.options.crashed !== undefined || this.options.recording?.mode === 'replay';
  }

  /** The socket that gdb connects to; undefined unless debugging. */
  get gdbSocket(): string | undefined {
    return this.gdb;
  }

  /** Lets gdb connect to a guest that was started without; answers the socket. The guest runs on until it does. */
  async openGdb(): Promise<string> {
    if (this.gdb === undefined) {
      const socket = join(this.folder, 'g');
      await monitor(this, `gdbserver unix:${socket},server=on,wait=off`);
      this.gdb = socket;
    }
    this.isDebugged = true;
    return this.gdb;
  }

  /** True while a debugger is connected, or is about to: it owns the run state. */
  get isDebugged(): boolean {
    return this.hasDebugger;
  }

  set isDebugged(isDebugged: boolean) {
    this.hasDebugger = isDebugged;
    this.events.emit('debugged');
  }

  get state(): GuestState {
    return this.current;
  }

  /** Calls back whenever the state changes; returns how to stop that. */
  onState(listener: (state: GuestState) => void): () => void {
    this.events.on('state', listener);
    return () => this.events.off('state', listener);
  }

  /** Calls back when a debugger came or went; returns how to stop that. */
  onDebugged(listener: () => void): () => void {
    this.events.on('debugged', listener);
    return () => this.events.off('debugged', listener);
  }

  async pause(): Promise<void> {
    await this.connections.qmp.execute('stop');
  }

  /** Runs a QMP command; rejects with `qemu.qmp`, also when there is no answer within some milliseconds. */
  execute(command: string, args?: Readonly<Record<string, unknown>>, timeout?: number): Promise<unknown> {
    return this.connections.qmp.execute(command, args, timeout);
  }

  /** Must not be called while a debugger is connected: it owns the run state then. */
  async resume(): Promise<void> {
    await this.connections.qmp.execute('cont');
  }

  /** As the machine's reset button. */
  async reset(): Promise<void> {
    const { qmp } = this.connections;
    await qmp.execute('set-action', { reboot: 'reset' });
    await qmp.execute('system_reset');
    await qmp.execute('set-action', { reboot: 'shutdown' });
  }

  /** Ends the guest at once, as by pulling the plug. */
  async powerOff(): Promise<GuestExit> {
    this.stoppedByUs = true;
    this.connections.qmp.execute('quit').catch(() => undefined);
    const kill = setTimeout(this.qemu.kill, 2000);
    const exit = await this.ended;
    clearTimeout(kill);
    return exit;
  }

  /** Kills QEMU if it still runs, and removes all that the guest left on this machine. */
  async dispose(): Promise<void> {
    this.stoppedByUs = true;
    this.qemu.kill();
    await this.ended;
  }

  private receive(event: QmpEvent): void {
    if (event.name === 'RESUME') this.enter('running');
    else if (event.name === 'STOP') void this.pausedBy();
    else if (event.name === 'SHUTDOWN') this.finish(String(event.data['reason']));
  }

  /** QEMU pauses a guest that it cannot go on with; to a debugger that is a stop as any other, else it is the end. */
  private async pausedBy(): Promise<void> {
    this.enter('paused');
    if (this.isDebugged) return;
    const { qmp } = this.connections;
    const status = await qmp.execute('query-status').catch(() => undefined);
    if (z.object({ status: z.literal('internal-error') }).safeParse(status).success) {
      this.exit ??= Promise.resolve({ status: unknownExitStatus, reason: `QEMU gave up: ${this.lastLines.first}` });
      await qmp.execute('quit').catch(() => undefined);
    }
  }

  /** The machine is paused at its end: its status is read, then QEMU goes. */
  private finish(reason: string): void {
    if (this.exit !== undefined) return;
    const { qmp } = this.connections;
    this.exit = this.readEnd(reason);
    this.exit.catch(() => undefined).finally(() => qmp.execute('quit').catch(() => undefined));
  }

  private async readEnd(reason: string): Promise<GuestExit> {
    if (this.options.recording?.mode === 'record') this.recordedInstructions = await instructionCount(this);
    const exit = await readGuestExit(this.connections.qmp, this.options.exitRecord, this.folder, reason);
    if (this.options.keepCrash !== undefined && exit.reason === 'crashed') await saveSnapshot(this, crashSnapshot);
    return exit;
  }

  private async waitForEnd(): Promise<GuestExit> {
    const exitCode = await this.qemu.exited;
    await this.console.closed;
    const exit = await this.exit?.catch(() => undefined);
    this.connections.qmp.close();
    await rm(this.folder, { recursive: true, force: true });
    this.enter('ended');
    const { keepCrash } = this.options;
    if (keepCrash !== undefined && exit?.reason !== 'crashed') await rm(keepCrash.path, { force: true });
    if (exit !== undefined) return exit;
    if (this.stoppedByUs) return { status: 143, reason: 'stopped from outside' };
    const how = exitCode === null ? 'was killed' : `ended with status ${exitCode}`;
    return { status: unknownExitStatus, reason: [`QEMU ${how}`, this.lastLines.text].filter(Boolean).join(': ') };
  }

  private enter(state: GuestState): void {
    if (this.current === state || this.current === 'ended') return;
    this.current = state;
    // A debugger's step is many stops; only what they lead to is told.
    if (state === 'ended') this.announce();
    else
      setImmediate(() => {
        this.announce();
      });
  }

  private announce(): void {
    if (this.current === this.announced) return;
    this.announced = this.current;
    this.events.emit('state', this.current);
  }
}
