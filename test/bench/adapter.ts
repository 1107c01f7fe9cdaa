import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Artifact } from '../../src/build/artifact';
import type { LaunchArguments } from '../../src/debug/arguments';
import type { Target } from '../../src/targets';
import { root } from './projects';

const timeLimit = 30_000;

/** The debug adapter as the editor starts and asks it. */
export class AdapterSession {
  private readonly client = new DebugClient(process.execPath, join(root, 'dist', 'debugAdapter.js'), 'unikernel');

  /** Starts the adapter and runs to a breakpoint at a line of main. */
  static async launchToMain(
    artifact: Artifact,
    target: Target,
    path: string,
    line: number,
    fields: Partial<LaunchArguments> = {},
  ): Promise<AdapterSession> {
    const session = new AdapterSession();
    const { client } = session;
    await client.start();
    const stopped = client.waitForEvent('stopped', timeLimit);
    const initialized = client.waitForEvent('initialized', timeLimit);
    await client.initializeRequest();
    const launch: LaunchArguments = {
      artifact: join(dirname(artifact.image), 'artifact.json'),
      target: target.id,
      ...fields,
    };
    const launched = client.launchRequest(launch);
    await Promise.race([initialized, launched.then(() => initialized)]);
    await client.setBreakpointsRequest({ source: { path }, breakpoints: [{ line }] });
    await client.configurationDoneRequest();
    await stopped;
    return session;
  }

  /** Steps over one line, and asks for the stack and for the locals with their values. */
  async step(): Promise<void> {
    const { client } = this;
    const stopped = client.waitForEvent('stopped', timeLimit) as Promise<DebugProtocol.StoppedEvent>;
    await client.nextRequest({ threadId: 1 });
    const { threadId = 1 } = (await stopped).body;
    const { stackFrames } = (await client.stackTraceRequest({ threadId, startFrame: 0, levels: 20 })).body;
    const { scopes } = (await client.scopesRequest({ frameId: stackFrames[0]!.id })).body;
    const { variablesReference } = scopes[0]!;
    const { variables } = (await client.variablesRequest({ variablesReference })).body;
    if (variables.length === 0) throw new Error('The debugger shows no local variable.');
  }

  /** Asks for anything. */
  async request<Response extends DebugProtocol.Response>(command: string, args: object): Promise<Response> {
    return (await this.client.send(command, args)) as unknown as Response;
  }

  async setBreakpoints(path: string, breakpoints: DebugProtocol.SourceBreakpoint[]): Promise<void> {
    await this.client.setBreakpointsRequest({ source: { path }, breakpoints });
  }

  async setFunctionBreakpoints(breakpoints: DebugProtocol.FunctionBreakpoint[]): Promise<void> {
    await this.client.setFunctionBreakpointsRequest({ breakpoints });
  }

  continueToStop(): Promise<void> {
    return this.run('continue');
  }

  stepBack(): Promise<void> {
    return this.run('stepBack');
  }

  private async run(command: string): Promise<void> {
    const stopped = this.client.waitForEvent('stopped', timeLimit);
    await this.client.send(command, { threadId: 1 });
    await stopped;
  }

  /** What the adapter's process holds in memory, in kB (Linux). */
  async residentMemory(): Promise<number> {
    const { pid } = (this.client as unknown as { _adapterProcess: ChildProcess })._adapterProcess;
    return residentMemory(pid);
  }

  end(): Promise<void> {
    return this.client.stop();
  }
}

/** A process's resident memory in kB: proc_pid_status(5). */
export async function residentMemory(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

/** The number of the first line of main's body. */
export async function firstLineOfMain(file: string): Promise<number> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  const main = lines.findIndex((line) => /^int main\b/.test(line));
  if (main === -1) throw new Error(`${file} has no main.`);
  return main + 2;
}
