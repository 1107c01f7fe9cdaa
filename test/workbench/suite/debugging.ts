import type { DebugProtocol } from '@vscode/debugprotocol';
import assert from 'node:assert/strict';
import { commands, debug, DebugStackFrame, Location, Position, SourceBreakpoint } from 'vscode';
import type { DebugAdapterTracker, DebugConfiguration, DebugSession, DebugSessionOptions, Disposable } from 'vscode';
import { eventually, lineOf, mainFile, workspaceFolder } from './project';

/** A debug session as its adapter tells of it. */
export class Session implements DebugAdapterTracker {
  private readonly messages: string[] = [];
  private readonly stops: DebugProtocol.StoppedEvent['body'][] = [];
  private readonly status: number[] = [];
  private isOver = false;

  constructor(readonly session: DebugSession) {}

  onWillReceiveMessage(message: DebugProtocol.ProtocolMessage): void {
    this.messages.push(`-> ${JSON.stringify(message)}`);
  }

  onDidSendMessage(message: DebugProtocol.ProtocolMessage): void {
    this.messages.push(`<- ${JSON.stringify(message)}`);
    if (message.type !== 'event') return;
    const { event, body } = message as Omit<DebugProtocol.Event, 'body'> & { body?: unknown };
    if (event === 'stopped') this.stops.push(body as DebugProtocol.StoppedEvent['body']);
    if (event === 'exited') this.status.push((body as DebugProtocol.ExitedEvent['body']).exitCode);
  }

  onWillStopSession(): void {
    this.isOver = true;
  }

  /** Waits until the guest stops and the editor shows where; gives the reason and the stack. */
  async stop(): Promise<{ reason: string; stack: DebugProtocol.StackFrame[] }> {
    const said = (): string => `the guest stops:\n${this.messages.slice(-30).join('\n')}`;
    const { reason } = await eventually(said, () => this.stops.shift(), 30_000);
    await eventually('the editor shows the stop', () => debug.activeStackItem instanceof DebugStackFrame);
    const { stackFrames } = await this.ask<DebugProtocol.StackTraceResponse>('stackTrace', { threadId: 1 });
    return { reason, stack: stackFrames };
  }

  /** Pauses the guest. What is pressed before the editor has asked for the CPUs does nothing, so it is pressed again. */
  async pause(): Promise<void> {
    await eventually('the editor pauses the guest', async () => {
      await this.press('pause');
      return this.messages.some((message) => message.includes('"command":"pause"'));
    });
  }

  /** Waits until the guest has stopped in a line of main.c that holds a text. */
  async stopAt(text: string): Promise<{ reason: string; stack: DebugProtocol.StackFrame[] }> {
    const { reason, stack } = await this.stop();
    // The editor makes a URI of the path.
    assert.ok(stack[0]?.source?.path?.endsWith(mainFile().fsPath), stack[0]?.source?.path);
    assert.equal(stack[0]?.line, (await lineOf(text)) + 1);
    return { reason, stack };
  }

  /** Does what the person would do by a button of the debug toolbar. */
  async press(
    button: 'continue' | 'pause' | 'restart' | 'stop' | 'disconnect' | 'stepOver' | 'stepInto' | 'stepOut',
  ): Promise<void> {
    await commands.executeCommand(`workbench.action.debug.${button}`);
  }

  /** The local variables of a frame, by name. */
  async locals({ id: frameId }: DebugProtocol.StackFrame): Promise<Map<string, DebugProtocol.Variable>> {
    const { scopes } = await this.ask<DebugProtocol.ScopesResponse>('scopes', { frameId });
    const [locals] = scopes;
    assert.equal(locals?.name, 'Locals');
    return this.children(locals);
  }

  async children({
    variablesReference,
  }: Pick<DebugProtocol.Variable, 'variablesReference'>): Promise<Map<string, DebugProtocol.Variable>> {
    const { variables } = await this.ask<DebugProtocol.VariablesResponse>('variables', { variablesReference });
    return new Map(variables.map((variable) => [variable.name, variable]));
  }

  /** Waits for the end; gives the guest's exit status, undefined where it was ended from outside. */
  async end(): Promise<number | undefined> {
    await eventually('the session ends', () => this.isOver && debug.activeDebugSession?.id !== this.session.id, 30_000);
    return this.status[0];
  }

  private async ask<Response extends DebugProtocol.Response>(
    command: string,
    values: object,
  ): Promise<Response['body']> {
    return (await this.session.customRequest(command, values)) as Response['body'];
  }
}

/** Starts debugging by some action and gives the session that comes of it. */
export async function startSession(start: () => PromiseLike<unknown>): Promise<Session> {
  const sessions: Session[] = [];
  const registration: Disposable = debug.registerDebugAdapterTrackerFactory('unikernel', {
    createDebugAdapterTracker(session) {
      const tracked = new Session(session);
      sessions.push(tracked);
      return tracked;
    },
  });
  try {
    await start();
    return await eventually('a session starts', () => sessions[0], 60_000);
  } finally {
    registration.dispose();
  }
}

/** Starts a configuration as launch.json would hold it. */
export async function launch(
  configuration: Partial<DebugConfiguration> = {},
  options?: DebugSessionOptions,
): Promise<Session> {
  const complete = { type: 'unikernel', request: 'launch', name: 'Test', ...configuration };
  return startSession(async () => {
    assert.ok(await debug.startDebugging(workspaceFolder(), complete, options), 'Debugging did not start.');
  });
}

/** A breakpoint on a line of main.c that holds a text. */
export async function breakpointAt(text: string, condition?: string): Promise<SourceBreakpoint> {
  return new SourceBreakpoint(new Location(mainFile(), new Position(await lineOf(text), 0)), true, condition);
}
