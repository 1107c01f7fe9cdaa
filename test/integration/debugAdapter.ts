import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { buildSync } from 'esbuild';
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import type { AttachArguments, LaunchArguments } from '../../src/debug/arguments';
import type { Requests } from '../../src/debug/requests';
import { kernelSource, lineOf } from './kernel';
import { readMessages, Wire } from './wire';

const root = resolve(__dirname, '../..');

/** The adapter as of now in one file: it starts in a fifth of the time that its sources need. */
export const adapterProgram = join(root, 'out', 'test', 'debugAdapter.js');
buildSync({
  absWorkingDir: root,
  entryPoints: ['src/debug/main.ts'],
  outfile: adapterProgram,
  bundle: true,
  platform: 'node',
  mainFields: ['module', 'main'],
  sourcemap: 'inline',
  logLevel: 'error',
});

/** A gdb that does what the environment variable GDB_RELAY says. */
export const relayedGdb = join(root, 'test/fixtures/gdb/relay.mjs');

/** What an editor says of itself. */
const likeVSCode: DebugProtocol.InitializeRequestArguments = {
  adapterID: 'unikernel',
  linesStartAt1: true,
  columnsStartAt1: true,
  pathFormat: 'path',
  supportsVariableType: true,
  supportsVariablePaging: true,
  supportsMemoryReferences: true,
  supportsProgressReporting: true,
  supportsInvalidatedEvent: true,
  supportsMemoryEvent: true,
};

/** Our debug adapter in a process of its own, driven as an editor does; all that it says is checked against the protocol. */
export class DebugAdapter extends DebugClient {
  readonly wire = new Wire();
  /** Milliseconds to wait for an event: the machine may have much else to do. */
  override defaultTimeout = 30_000;

  constructor(environment: NodeJS.ProcessEnv = {}) {
    super(process.execPath, adapterProgram, 'unikernel', { cwd: root, env: { ...process.env, ...environment } });
  }

  static async start(): Promise<DebugAdapter> {
    const adapter = new DebugAdapter();
    await adapter.start();
    return adapter;
  }

  /** The adapter's process identifier. */
  get pid(): number {
    const { pid } = this.process;
    assert.ok(pid);
    return pid;
  }

  /** Resolves when the adapter has ended. */
  async exited(): Promise<void> {
    await once(this.process, 'exit');
  }

  /** Ends the session and the adapter, also one that was killed before; throws what it said against the protocol. */
  override async stop(): Promise<void> {
    const { process } = this;
    if (process.exitCode === null && process.signalCode === null) {
      // It goes by itself after a disconnect, and then does not answer another one.
      await Promise.race([super.stop(), once(process, 'exit')]);
      const unanswered = [...this.wire.unanswered.values()].filter((command) => command !== 'disconnect');
      assert.deepEqual(unanswered, []);
    }
    assert.deepEqual(this.wire.problems, []);
  }

  /** Launches and lets the guest go; `configure` is when the editor sends its breakpoints. */
  async launchGuest(args: Partial<LaunchArguments>, configure?: () => Promise<unknown>): Promise<void> {
    await this.begin(() => this.launchRequest(args), configure);
  }

  /** Attaches to a guest that runs already and lets it go on. */
  async attachToGuest(args: AttachArguments, configure?: () => Promise<unknown>): Promise<void> {
    await this.begin(() => this.attachRequest(args), configure);
  }

  /** Sets the breakpoints of the kernel's source at the tagged lines, instead of those there were. */
  async breakAt(
    tags: readonly string[],
    conditions: Partial<DebugProtocol.SourceBreakpoint> = {},
  ): Promise<DebugProtocol.Breakpoint[]> {
    const breakpoints = tags.map((tag) => ({ line: lineOf(tag), ...conditions }));
    return (await this.setBreakpointsRequest({ source: { path: kernelSource }, breakpoints })).body.breakpoints;
  }

  /** Does what lets the guest run; resolves to the innermost frame and the reason once it stops. */
  async runToStop(go: () => Promise<unknown>): Promise<{ frame: DebugProtocol.StackFrame; reason: string }> {
    const stopped = this.waitForEvent('stopped');
    await go();
    const { reason } = ((await stopped) as DebugProtocol.StoppedEvent).body;
    return { frame: await this.topFrame(), reason };
  }

  /** Like runToStop, and the stop has to be at the tagged line of the kernel's source. */
  async runTo(tag: string, go: () => Promise<unknown>): Promise<DebugProtocol.StackFrame> {
    const { frame } = await this.runToStop(go);
    assert.equal(frame.line, lineOf(tag));
    assert.equal(frame.source?.path, kernelSource);
    return frame;
  }

  /** Sends a request about the guest; resolves to the answer's body. */
  async ask<Command extends keyof Requests>(
    command: Command,
    args: Requests[Command]['arguments'],
  ): Promise<Requests[Command]['body']> {
    return ((await this.customRequest(command, args)) as { body?: unknown }).body as Requests[Command]['body'];
  }

  continue(): Promise<DebugProtocol.ContinueResponse> {
    return this.continueRequest({ threadId: 1 });
  }

  async topFrame(): Promise<DebugProtocol.StackFrame> {
    const [frame] = (await this.stackTraceRequest({ threadId: 1 })).body.stackFrames;
    assert.ok(frame);
    return frame;
  }

  async evaluate(expression: string, frame: DebugProtocol.StackFrame, context = 'watch'): Promise<string> {
    return (await this.evaluateRequest({ expression, frameId: frame.id, context })).body.result;
  }

  async variables(variablesReference: number): Promise<DebugProtocol.Variable[]> {
    return (await this.variablesRequest({ variablesReference })).body.variables;
  }

  /** The status that the guest ends with. */
  async exitStatus(): Promise<number> {
    return ((await this.waitForEvent('exited')) as DebugProtocol.ExitedEvent).body.exitCode;
  }

  /** Listens in on both directions. */
  protected override connect(readable: Readable, writable: Writable): void {
    // It may have ended by itself.
    writable.on('error', () => undefined);
    const requests = new PassThrough();
    requests.pipe(writable);
    readMessages(requests, (message) => {
      this.wire.sent(message as DebugProtocol.Request);
    });
    readMessages(readable, (message) => {
      this.wire.received(message);
    });
    super.connect(readable, requests);
  }

  private get process(): ChildProcess {
    return (this as unknown as { _adapterProcess: ChildProcess })._adapterProcess;
  }

  private async begin(request: () => Promise<unknown>, configure?: () => Promise<unknown>): Promise<void> {
    const initialized = this.waitForEvent('initialized');
    await this.initializeRequest(likeVSCode);
    const answered = request();
    // An answer before the event is a refusal, which is to be thrown.
    await Promise.race([initialized, answered.then(() => initialized)]);
    await configure?.();
    await this.configurationDoneRequest();
    await answered;
  }
}
