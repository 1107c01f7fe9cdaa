import {
  CapabilitiesEvent,
  ContinuedEvent,
  DebugSession,
  Event,
  ExitedEvent,
  InitializedEvent,
  OutputEvent,
  Response,
  TerminatedEvent,
} from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { basename } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { isCancelled, messageOf, UnikernelError } from '../errors';
import { text, tuple } from '../gdb/mi/record';
import type { GdbStarter } from '../gdb/starter';
import { describeExit } from '../qemu/exitStatus';
import type { GuestExit } from '../qemu/exitStatus';
import { Guest } from '../qemu/guest';
import type { GuestServer } from '../qemu/server';
import { attachSchema, checkArguments, launchSchema } from './arguments';
import type { AttachArguments, LaunchArguments } from './arguments';
import { capabilities, understands } from './capabilities';
import { Debuggee } from './debuggee';
import { notDebugging, notRunningAlone, unknownRequest } from './errors';
import { setDefaultFilters } from './exceptions';
import { handlers } from './handlers';
import { tellWarnings, traceTo, type Listen } from './listen';
import { planAttach, planLaunch, type LaunchPlan } from './plan';
import { indivisible, Progress, progressTitles } from './progress';
import type { Handler, Requests } from './requests';
import { reportStops } from './stops';

/** Answers a request about the session itself. */
type SessionHandler = (args: never, cancelled: AbortSignal) => unknown;

/** What the person asks for, whose failure they are shown; the editor asks for the rest by itself. */
const asked = new Set(
  'launch attach configurationDone restart terminate continue next stepIn stepOut stepBack reverseContinue pause goto restartFrame setVariable setExpression'.split(
    ' ',
  ),
);

/** These are not cancelled, neither by the editor nor by the end that they bring. */
const ending = new Set(['terminate', 'disconnect']);

/** What lets the guest come to its end. */
const toTheEnd = new Set(['continue', 'next', 'stepIn', 'stepOut', 'unikernel.powerOff']);

/** The life of a debug session; what is asked about the guest goes to those who answer it. */
export class UnikernelDebugSession extends DebugSession {
  private readonly cancellation = new AbortController();
  /** The requests that are not answered yet, by their number. */
  private readonly pending = new Map<number, { readonly command: string; readonly cancelled: AbortController }>();
  private readonly progress = new Progress((event) => {
    this.sendEvent(event);
  });
  private client: DebugProtocol.InitializeRequestArguments | undefined;
  private debuggee: Debuggee | undefined;
  /** A guest that runs without a debugger. */
  private undebugged: Guest | undefined;
  private server: GuestServer | undefined;
  private plan: LaunchPlan | undefined;
  private stopOnEntry = false;
  private isOver = false;
  /** True once the guest was let go: this process stays until the guest ends, without the editor. */
  private isLeft = false;

  constructor(private readonly gdbStarter: GdbStarter) {
    super();
  }

  private readonly handlers: Readonly<Record<string, SessionHandler | undefined>> = {
    initialize: (client: DebugProtocol.InitializeRequestArguments) => {
      this.client = client;
      this.progress.supported = client.supportsProgressReporting === true;
      return capabilities;
    },
    launch: (args: LaunchArguments, cancelled) => this.launch(args, this.orEnded(cancelled)),
    attach: (args: AttachArguments, cancelled) => this.attach(args, this.orEnded(cancelled)),
    configurationDone: () => (this.undebugged ? undefined : this.begin()),
    restart: () => this.restart(),
    terminate: () => this.end(),
    'unikernel.openGdb': () => this.openGdb(),
    disconnect: ({ terminateDebuggee }: DebugProtocol.DisconnectArguments) =>
      terminateDebuggee === false ? this.leave() : this.release(terminateDebuggee),
    cancel: ({ requestId, progressId }: DebugProtocol.CancelArguments) => {
      const request = requestId === undefined ? undefined : this.pending.get(requestId);
      // The guest would go on all the same, and the editor would not know.
      if (request !== undefined && !toTheEnd.has(request.command)) request.cancelled.abort();
      if (progressId !== undefined) this.progress.cancel(progressId);
    },
  };

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    const cancelled = new AbortController();
    if (!ending.has(request.command)) this.pending.set(request.seq, { command: request.command, cancelled });
    const done = this.show(request, cancelled);
    void this.answer(request, cancelled.signal, done).finally(() => {
      this.pending.delete(request.seq);
      if (request.command === 'disconnect' && !this.isLeft) super.shutdown();
    });
  }

  /** The editor is gone: nothing may stay behind but a guest that it let go. */
  override shutdown(): void {
    if (this.isLeft) return;
    void this.release().finally(() => {
      super.shutdown();
    });
  }

  /** Sends the response when the action is done, or its error: shown to the person, where it was they who asked. */
  private async answer(request: DebugProtocol.Request, cancelled: AbortSignal, done: () => void): Promise<void> {
    const response: DebugProtocol.Response = new Response(request);
    try {
      const body = await orCancelled(this.handle(request, cancelled), cancelled).finally(done);
      if (body !== undefined) response.body = body as object;
      this.sendResponse(response);
    } catch (error) {
      if (cancelled.aborted && this.isOver && toTheEnd.has(request.command)) {
        // That is what was asked for; the answer was only slower than the end.
        if (request.command === 'continue') response.body = { allThreadsContinued: true };
        this.sendResponse(response);
        return;
      }
      if (cancelled.aborted) {
        this.sendErrorResponse(response, { id: 2, format: 'cancelled', showUser: false });
        return;
      }
      const what = error instanceof UnikernelError && error.code === 'gdb.refused' ? error.what : messageOf(error);
      const showUser = asked.has(request.command) && !isCancelled(error);
      this.sendErrorResponse(response, { id: 1, format: '{_}', variables: { _: what }, showUser });
    }
  }

  private async handle({ command, arguments: args }: DebugProtocol.Request, cancelled: AbortSignal): Promise<unknown> {
    const own = this.handlers[command];
    if (own !== undefined) return own((args ?? {}) as never, cancelled);
    if (!isAboutGuest(command)) throw unknownRequest(command);
    if (this.undebugged !== undefined) return answerUndebugged(command);
    const handler = handlers[command] as Handler<keyof Requests>;
    return handler(this.current, (args ?? {}) as never, cancelled);
  }

  /** Shows that the request is being answered, where that may take long. */
  private show({ command, seq }: DebugProtocol.Request, cancelled: AbortController): () => void {
    const title = progressTitles[command];
    if (title === undefined) return () => undefined;
    const cancel = (): void => {
      cancelled.abort();
    };
    return this.progress.begin(title, indivisible.has(command) ? undefined : cancel, seq);
  }

  private orEnded(cancelled: AbortSignal): AbortSignal {
    return AbortSignal.any([cancelled, this.cancellation.signal]);
  }

  private async launch(args: LaunchArguments, signal: AbortSignal): Promise<void> {
    checkArguments(launchSchema, args);
    this.plan = await planLaunch(args);
    this.stopOnEntry = args.stopOnEntry ?? false;
    const { plan } = this;
    if (args.noDebug) {
      this.gdbStarter.drop();
      this.undebugged = await Guest.start(plan.guest, signal);
      await this.announce(this.undebugged);
      const decoder = new StringDecoder('utf8');
      this.undebugged.console.subscribe((data, isReport) => {
        if (args.console !== 'terminal') this.print(decoder.write(data), isReport ? 'stderr' : 'stdout');
      });
      void this.undebugged.ended.then((exit) => this.end(exit));
      this.sendEvent(new InitializedEvent());
    } else {
      const launched = Debuggee.launch(plan, this.gdbStarter, this.listener(args.trace), signal);
      // While QEMU starts there is time to load what announces it.
      setTimeout(() => void loadServer(), 10);
      this.use(await launched, args, args.console !== 'terminal');
      // The editor sends its breakpoints while the guest is announced.
      this.sendEvent(new InitializedEvent());
      if (this.debuggee?.history) this.sendEvent(new CapabilitiesEvent({ supportsStepBack: true }));
      if (this.debuggee?.guest) await this.announce(this.debuggee.guest);
    }
  }

  private async attach(args: AttachArguments, signal: AbortSignal): Promise<void> {
    checkArguments(attachSchema, args);
    this.use(
      await Debuggee.attach(args.connect, await planAttach(args), this.gdbStarter, this.listener(args.trace), signal),
      args,
      true,
    );
    this.sendEvent(new InitializedEvent());
  }

  private async restart(): Promise<void> {
    if (this.plan === undefined) throw notDebugging();
    await this.current.restart(this.plan, this.cancellation.signal);
    if (this.current.guest) await this.announce(this.current.guest);
    this.sendEvent(new ContinuedEvent(1, true));
    await this.begin();
  }

  /** What a second session attaches with to a guest that runs without a debugger. */
  private async openGdb(): Promise<AttachArguments> {
    if (this.undebugged === undefined || this.isOver) throw notRunningAlone();
    return this.attachment(this.undebugged);
  }

  /** What another session attaches with to a guest of this one. */
  private async attachment(guest: Guest): Promise<AttachArguments> {
    const { plan } = this;
    if (plan === undefined) throw notDebugging();
    const { symbols, sourceMap, loadOffset, commands } = plan.gdb;
    return {
      connect: await guest.openGdb(),
      target: plan.target.id,
      symbols: [...symbols],
      sourceMap: { ...sourceMap },
      ...(loadOffset !== undefined && { loadOffset }),
      gdbCommands: [...commands],
    };
  }

  private get current(): Debuggee {
    if (this.debuggee === undefined || this.isOver) throw notDebugging();
    return this.debuggee;
  }

  private use(debuggee: Debuggee, { breakpoints }: LaunchArguments | AttachArguments, printsConsole: boolean): void {
    this.debuggee = debuggee;
    debuggee.chooseBreakpoints(breakpoints);
    debuggee.on('event', (event) => {
      if (understands(this.client, event)) this.sendEvent(event);
    });
    debuggee.on('console', (output, isReport) => {
      if (printsConsole) this.print(output, isReport ? 'stderr' : 'stdout');
    });
    debuggee.execution.on('resumed', () => {
      debuggee.forget();
      // Behind a stop that gdb told of in the same breath.
      setImmediate(() => {
        if (!this.isOver) this.sendEvent(new ContinuedEvent(1, true));
      });
    });
    debuggee.on('ended', (exit) => {
      if (exit === undefined) this.print('The guest ended, or closed the connection to gdb.\n', 'console');
      void this.end(exit);
    });
    debuggee.on('failed', (error) => {
      this.print(`${messageOf(error)}\n`, 'stderr');
      void this.end();
    });
    reportStops(debuggee, (event) => {
      // gdb may say in one breath that the guest runs and that it stopped: what let it run is answered first.
      setImmediate(() => {
        if (!this.isOver) this.sendEvent(event);
      });
    });
    debuggee.follow();
  }

  private async begin(): Promise<void> {
    const { gdb, execution } = this.current;
    if (this.plan?.guest.crashed !== undefined) {
      execution.report({ description: 'As it was when it crashed' });
      return;
    }
    await setDefaultFilters(this.current);
    if (this.stopOnEntry) {
      const { bkpt } = await gdb.send('break-insert', ['-t', 'main']);
      this.current.entryBreakpoint = text(tuple(bkpt)['number']);
      const pause = (): void => void execution.pause().catch(() => undefined);
      execution.once('stopped', this.progress.begin('Booting to main', pause));
    }
    await execution.go('continue');
  }

  /** Tells the editor where to connect for the guest's console and controls. */
  private async announce(guest: Guest): Promise<void> {
    await this.server?.close();
    const { plan } = this;
    if (plan === undefined) return;
    this.print(`${guest.acceleration}\n`, 'console');
    const { GuestServer: Server } = await loadServer();
    this.server = await Server.listen(guest, plan.target.id);
    const name = basename(plan.name);
    const { isDebugged: debugged } = guest;
    this.sendEvent(new Event('unikernel.guest', { url: this.server.url, target: plan.target.id, name, debugged }));
  }

  /** The end of the session, told once. */
  private async end(exit?: GuestExit): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    if (exit !== undefined) {
      this.print(`The guest ended: ${describeExit(exit)}\n`, 'console');
      this.sendEvent(new ExitedEvent(exit.status));
    }
    await this.release();
    this.progress.endAll();
    this.sendEvent(new TerminatedEvent());
  }

  /** A guest of ours goes on without a debugger. This process has its console, and clears away behind it. */
  private async leave(): Promise<void> {
    if (this.isLeft) return;
    const guest = this.debuggee?.guest ?? this.undebugged;
    if (this.isOver || guest === undefined || guest.isPast) return this.release();
    this.stopAnswering();
    try {
      await this.debuggee?.leave();
      const attachment = await this.attachment(guest);
      guest.isDebugged = false;
      this.print(`The guest goes on without a debugger. One can attach to ${attachment.connect}\n`, 'console');
      this.sendEvent(new Event('unikernel.letGo', attachment));
    } catch (error) {
      await this.release();
      throw error;
    }
    this.isLeft = true;
    void guest.ended.then(async () => {
      await this.clearAway();
      super.shutdown();
    });
  }

  /** A guest of ours ends with the session; one that we attached to only when it is asked to. */
  private async release(endsForeignGuest = false): Promise<void> {
    this.stopAnswering();
    await Promise.all([this.debuggee?.dispose(endsForeignGuest), this.undebugged?.dispose()]);
    await this.clearAway();
  }

  private stopAnswering(): void {
    this.isOver = true;
    this.cancellation.abort();
    for (const { cancelled } of this.pending.values()) cancelled.abort();
    this.gdbStarter.drop();
  }

  private async clearAway(): Promise<void> {
    await this.plan?.guest.recording?.remove();
    // Last, so that its clients hear how the guest ended.
    await this.server?.close();
  }

  /** What hears gdb from its start. */
  private listener(isTraced = false): Listen {
    const warnings = tellWarnings((warning) => {
      this.print(`gdb: ${warning}\n`, 'console');
    });
    if (!isTraced) return warnings;
    const trace = traceTo();
    this.print(`What is said to and by gdb is in ${trace.path}\n`, 'console');
    return (gdb) => {
      warnings(gdb);
      trace.listen(gdb);
    };
  }

  private print(output: string, category: 'console' | 'stdout' | 'stderr'): void {
    this.sendEvent(new OutputEvent(output, category));
  }
}

/** It takes 15 ms, for its web sockets. */
function loadServer() {
  return import('../qemu/server');
}

/** The body, or a rejection as soon as the editor no longer wants it. */
function orCancelled(body: Promise<unknown>, cancelled: AbortSignal): Promise<unknown> {
  const cancellation = new Promise<never>((_, reject) => {
    cancelled.addEventListener('abort', () => {
      reject(cancelled.reason as Error);
    });
  });
  return Promise.race([body, cancellation]);
}

function isAboutGuest(command: string): command is keyof typeof handlers {
  return Object.hasOwn(handlers, command);
}

/** Without a debugger there are no stops, and so nothing to set or to see. */
function answerUndebugged(command: keyof Requests): object {
  if (command === 'threads') return { threads: [{ id: 1, name: 'CPU 0' }] };
  if (/^set.*Breakpoints$/.test(command)) return { breakpoints: [] };
  throw notDebugging();
}
