import {
  ContinuedEvent,
  DebugSession,
  Event,
  ExitedEvent,
  InitializedEvent,
  OutputEvent,
  TerminatedEvent,
} from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { basename } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { isCancelled, messageOf, UnikernelError } from '../errors';
import { describeExit } from '../qemu/exitStatus';
import type { GuestExit } from '../qemu/exitStatus';
import { Guest } from '../qemu/guest';
import type { GuestServer } from '../qemu/server';
import { attachSchema, checkArguments, launchSchema } from './arguments';
import type { AttachArguments, LaunchArguments } from './arguments';
import { capabilities } from './capabilities';
import { Debuggee, type LineListener } from './debuggee';
import { notDebugging } from './errors';
import { evaluate } from './evaluate';
import { planAttach, planLaunch, type LaunchPlan } from './launch';
import { disassemble, readMemory } from './memory';
import { frameOf } from './stack';
import { reportStops } from './stops';

/** Routes the editor's requests to the parts that answer them. */
export class UnikernelDebugSession extends DebugSession {
  private readonly cancellation = new AbortController();
  private debuggee: Debuggee | undefined;
  /** A guest that runs without a debugger. */
  private undebugged: Guest | undefined;
  private server: GuestServer | undefined;
  private plan: LaunchPlan | undefined;
  private stopOnEntry = false;
  private isOver = false;

  protected override initializeRequest(response: DebugProtocol.InitializeResponse): void {
    response.body = capabilities;
    this.sendResponse(response);
  }

  protected override launchRequest(response: DebugProtocol.LaunchResponse, args: LaunchArguments): void {
    this.answer(response, async () => {
      checkArguments(launchSchema, args);
      this.plan = await planLaunch(args);
      this.stopOnEntry = args.stopOnEntry ?? false;
      const { plan } = this;
      const { signal } = this.cancellation;
      if (args.noDebug) {
        this.undebugged = await Guest.start(plan.guest, signal);
        await this.announce(this.undebugged);
        const decoder = new StringDecoder('utf8');
        this.undebugged.console.subscribe((data) => {
          if (args.console !== 'terminal') this.print(decoder.write(data), 'stdout');
        });
        void this.undebugged.ended.then((exit) => this.end(exit));
        this.sendEvent(new InitializedEvent());
      } else {
        const gdbPlan = { ...plan, architecture: plan.target.architecture, gdbPath: args.gdbPath };
        this.use(await Debuggee.launch(plan, gdbPlan, this.trace(args.trace), signal), args.console !== 'terminal');
        // The editor sends its breakpoints while the guest is announced.
        this.sendEvent(new InitializedEvent());
        if (this.debuggee?.guest) await this.announce(this.debuggee.guest);
      }
    });
  }

  protected override attachRequest(response: DebugProtocol.AttachResponse, args: AttachArguments): void {
    this.answer(response, async () => {
      checkArguments(attachSchema, args);
      const { signal } = this.cancellation;
      this.use(await Debuggee.attach(args.connect, await planAttach(args), this.trace(args.trace), signal), true);
      this.sendEvent(new InitializedEvent());
    });
  }

  protected override configurationDoneRequest(response: DebugProtocol.ConfigurationDoneResponse): void {
    this.answer(response, () => (this.undebugged ? Promise.resolve() : this.begin()));
  }

  protected override setBreakPointsRequest(
    response: DebugProtocol.SetBreakpointsResponse,
    { source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments,
  ): void {
    this.setBreakpoints(response, (debuggee) => debuggee.breakpoints.setLines(source.path ?? '', breakpoints));
  }

  protected override setFunctionBreakPointsRequest(
    response: DebugProtocol.SetFunctionBreakpointsResponse,
    { breakpoints }: DebugProtocol.SetFunctionBreakpointsArguments,
  ): void {
    this.setBreakpoints(response, (debuggee) => debuggee.breakpoints.setFunctions(breakpoints));
  }

  protected override setInstructionBreakpointsRequest(
    response: DebugProtocol.SetInstructionBreakpointsResponse,
    { breakpoints }: DebugProtocol.SetInstructionBreakpointsArguments,
  ): void {
    this.setBreakpoints(response, (debuggee) => debuggee.breakpoints.setInstructions(breakpoints));
  }

  protected override threadsRequest(response: DebugProtocol.ThreadsResponse): void {
    this.answerQuietly(response, async () => {
      // A running guest cannot be asked, and need not be: its first CPU is always there.
      const running = !this.debuggee || this.debuggee.execution.running;
      response.body = { threads: running ? [{ id: 1, name: 'CPU 0' }] : await this.current.stack.threads() };
    });
  }

  protected override stackTraceRequest(
    response: DebugProtocol.StackTraceResponse,
    { threadId, startFrame = 0, levels = 0 }: DebugProtocol.StackTraceArguments,
  ): void {
    this.answerQuietly(response, async () => {
      response.body = { stackFrames: await this.current.stack.frames(threadId, startFrame, levels) };
    });
  }

  protected override scopesRequest(
    response: DebugProtocol.ScopesResponse,
    { frameId }: DebugProtocol.ScopesArguments,
  ): void {
    this.answerQuietly(response, () => {
      const { variables } = this.current;
      const frame = frameOf(frameId);
      const scope = (name: string, hint: string, kind: 'locals' | 'registers'): DebugProtocol.Scope => ({
        name,
        presentationHint: hint,
        expensive: kind === 'registers',
        variablesReference: variables.reference({ kind, frame }),
      });
      response.body = { scopes: [scope('Locals', 'locals', 'locals'), scope('Registers', 'registers', 'registers')] };
      return Promise.resolve();
    });
  }

  protected override variablesRequest(
    response: DebugProtocol.VariablesResponse,
    { variablesReference, start, count }: DebugProtocol.VariablesArguments,
  ): void {
    this.answerQuietly(response, async () => {
      response.body = { variables: await this.current.expand(variablesReference, start, count) };
    });
  }

  protected override setVariableRequest(
    response: DebugProtocol.SetVariableResponse,
    { variablesReference, name, value }: DebugProtocol.SetVariableArguments,
  ): void {
    this.answer(response, async () => {
      response.body = { value: (await this.current.variables.assign(variablesReference, name, value)) ?? value };
    });
  }

  protected override evaluateRequest(
    response: DebugProtocol.EvaluateResponse,
    args: DebugProtocol.EvaluateArguments,
  ): void {
    const action = async (): Promise<void> => {
      const { gdb, variables, execution } = this.current;
      const frame = args.frameId === undefined ? undefined : frameOf(args.frameId);
      response.body = await execution.whileStopped(() => evaluate(gdb, variables, args, frame));
    };
    // The editor asks for each watch at each stop, and shows an error in its place.
    this.answerQuietly(response, action);
  }

  protected override readMemoryRequest(
    response: DebugProtocol.ReadMemoryResponse,
    args: DebugProtocol.ReadMemoryArguments,
  ): void {
    this.answerQuietly(response, async () => {
      response.body = await readMemory(this.current.gdb, args);
    });
  }

  protected override disassembleRequest(
    response: DebugProtocol.DisassembleResponse,
    args: DebugProtocol.DisassembleArguments,
  ): void {
    this.answerQuietly(response, async () => {
      response.body = { instructions: await disassemble(this.current.gdb, args) };
    });
  }

  protected override continueRequest(response: DebugProtocol.ContinueResponse): void {
    response.body = { allThreadsContinued: true };
    this.go(response, 'continue');
  }

  protected override nextRequest(response: DebugProtocol.NextResponse, args: DebugProtocol.NextArguments): void {
    this.go(response, args.granularity === 'instruction' ? 'next-instruction' : 'next', args.threadId);
  }

  protected override stepInRequest(response: DebugProtocol.StepInResponse, args: DebugProtocol.StepInArguments): void {
    this.go(response, args.granularity === 'instruction' ? 'step-instruction' : 'step', args.threadId);
  }

  protected override stepOutRequest(
    response: DebugProtocol.StepOutResponse,
    { threadId }: DebugProtocol.StepOutArguments,
  ): void {
    this.go(response, 'finish', threadId);
  }

  protected override pauseRequest(response: DebugProtocol.PauseResponse): void {
    this.answer(response, () => this.current.execution.pause());
  }

  protected override restartRequest(response: DebugProtocol.RestartResponse): void {
    this.answer(response, async () => {
      if (this.plan === undefined) throw notDebugging();
      await this.current.restart(this.plan, this.cancellation.signal);
      if (this.current.guest) await this.announce(this.current.guest);
      this.sendEvent(new ContinuedEvent(1, true));
      await this.begin();
    });
  }

  protected override terminateRequest(response: DebugProtocol.TerminateResponse): void {
    this.answer(response, () => this.end());
  }

  protected override disconnectRequest(response: DebugProtocol.DisconnectResponse): void {
    void this.release().finally(() => {
      this.sendResponse(response);
      super.shutdown();
    });
  }

  /** The editor is gone: nothing may stay behind. */
  override shutdown(): void {
    void this.release().finally(() => {
      super.shutdown();
    });
  }

  private get current(): Debuggee {
    if (this.debuggee === undefined || this.isOver) throw notDebugging();
    return this.debuggee;
  }

  private use(debuggee: Debuggee, printsConsole: boolean): void {
    this.debuggee = debuggee;
    debuggee.on('console', (output) => {
      if (printsConsole) this.print(output, 'stdout');
    });
    debuggee.on('ended', (exit) => void this.end(exit));
    debuggee.on('failed', (error) => {
      this.print(`${messageOf(error)}\n`, 'stderr');
      void this.end();
    });
    reportStops(
      debuggee,
      (event) => {
        this.sendEvent(event);
      },
      () => this.stopOnEntry,
    );
    debuggee.follow();
  }

  private async begin(): Promise<void> {
    const { gdb, execution } = this.current;
    if (this.stopOnEntry) await gdb.send('break-insert', ['-t', 'main']);
    await execution.go('continue');
  }

  /** Tells the editor where to connect for the guest's console and controls. */
  private async announce(guest: Guest): Promise<void> {
    await this.server?.close();
    const { plan } = this;
    if (plan === undefined) return;
    this.print(`${guest.acceleration}\n`, 'console');
    const { GuestServer: Server } = await import('../qemu/server');
    this.server = await Server.listen(guest, plan.target.id, plan.guest.debug === true);
    const name = basename(plan.name);
    this.sendEvent(new Event('unikernel.guest', { url: this.server.url, target: plan.target.id, name }));
  }

  private setBreakpoints(
    response: DebugProtocol.Response & { body?: { breakpoints: DebugProtocol.Breakpoint[] } },
    set: (debuggee: Debuggee) => Promise<DebugProtocol.Breakpoint[]>,
  ): void {
    this.answerQuietly(response, async () => {
      if (this.undebugged) response.body = { breakpoints: [] };
      else response.body = { breakpoints: await this.current.execution.whileStopped(() => set(this.current)) };
    });
  }

  private go(response: DebugProtocol.Response, how: string, thread?: number): void {
    this.answer(response, async () => {
      this.current.variables.clear();
      await this.current.execution.go(how, thread);
    });
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
    this.sendEvent(new TerminatedEvent());
  }

  private async release(): Promise<void> {
    this.isOver = true;
    this.cancellation.abort();
    await Promise.all([this.debuggee?.dispose(), this.undebugged?.dispose()]);
    // Last, so that its clients hear how the guest ended.
    await this.server?.close();
  }

  private trace(wanted: boolean | undefined): LineListener {
    if (!wanted) return undefined;
    return (line) => {
      this.print(`${line}\n`, 'console');
    };
  }

  private print(output: string, category: 'console' | 'stdout' | 'stderr'): void {
    this.sendEvent(new OutputEvent(output, category));
  }

  /** As `answer`, for what the editor asks by itself: it may come when the guest runs again or has ended. */
  private answerQuietly(response: DebugProtocol.Response, action: () => Promise<void>): void {
    this.answer(response, action, false);
  }

  /** Sends the response when the action is done, or its error: shown to the person, where it was they who asked. */
  private answer(response: DebugProtocol.Response, action: () => Promise<void>, showUser = true): void {
    // Through then, so that what the action throws at once is answered as well.
    Promise.resolve()
      .then(action)
      .then(
        () => {
          this.sendResponse(response);
        },
        (error: unknown) => {
          const what = error instanceof UnikernelError && error.code === 'gdb.refused' ? error.what : messageOf(error);
          this.sendErrorResponse(response, {
            id: 1,
            format: '{_}',
            variables: { _: what },
            showUser: showUser && !isCancelled(error),
          });
        },
      );
  }
}
