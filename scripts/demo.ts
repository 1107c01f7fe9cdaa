import { DebugClient } from '@vscode/debugadapter-testsupport';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defaultTarget, type Target } from '../src/targets';
import { aarch64Virt } from '../src/targets/aarch64-virt';
import { withEngine } from './engine';

// The main job from end to end, as a person would do it with the command line and an editor's debug client.

interface TargetResult {
  imageBytes: number;
  systemCalls: number;
  cleanBuildMs: number;
  rebuildMs: number;
  bootMs: number;
  stopMs: number;
  stoppedAt: string;
  local: { name: string; value: string };
  exitStatus: number;
}

const root = resolve(__dirname, '..');
const cli = join(root, 'dist', 'cli.js');
const demoTargets = [defaultTarget, aarch64Virt];

/** Runs the command line with --json and gives what it printed; its progress goes to our terminal. */
async function unikernel(folder: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { execa } = await import('execa');
  const { stdout } = await execa('node', [cli, ...args, '--json'], { cwd: folder, stderr: 'inherit' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; milliseconds: number }> {
  const start = performance.now();
  const value = await work();
  return { value, milliseconds: Math.round(performance.now() - start) };
}

/** The line of main.c where the demo stops: the call in its loop. */
async function breakpointLine(file: string): Promise<number> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  const main = lines.findIndex((line) => /^int main\b/.test(line));
  return lines.findIndex((line, index) => index > main && line.includes('greet(')) + 1;
}

/** Debugs to a breakpoint in main over DAP, reads a local, continues to the end. */
async function debug(
  folder: string,
  target: Target,
): Promise<Pick<TargetResult, 'stopMs' | 'stoppedAt' | 'local' | 'exitStatus'>> {
  const file = join(folder, 'src', 'main.c');
  const line = await breakpointLine(file);
  const artifact = join(folder, 'build', target.architecture, 'artifact.json');
  const client = new DebugClient('node', join(root, 'dist', 'debugAdapter.js'), 'unikernel');
  const start = performance.now();
  await client.start();
  try {
    const stopped = client.waitForEvent('stopped', 30_000);
    const exited = client.waitForEvent('exited', 60_000);
    const launched = client.launch({ artifact, target: target.id });
    await client.waitForEvent('initialized', 30_000);
    await client.setBreakpointsRequest({ source: { path: file }, breakpoints: [{ line }] });
    await client.configurationDoneRequest();
    await launched;
    const { threadId } = (await stopped).body as { threadId: number };
    const stopMs = Math.round(performance.now() - start);
    const { stackFrames } = (await client.stackTraceRequest({ threadId, levels: 1 })).body;
    const frame = stackFrames[0];
    if (frame === undefined) throw new Error('The debugger stopped without a frame.');
    const { scopes } = (await client.scopesRequest({ frameId: frame.id })).body;
    const { variables } = (await client.variablesRequest({ variablesReference: scopes[0]?.variablesReference ?? 0 }))
      .body;
    const variable = variables.find(({ variablesReference }) => variablesReference === 0);
    if (variable === undefined) throw new Error('The debugger shows no local variable.');
    await client.setBreakpointsRequest({ source: { path: file }, breakpoints: [] });
    await client.continueRequest({ threadId });
    const { exitCode } = (await exited).body as { exitCode: number };
    const local = { name: variable.name, value: variable.value };
    return { stopMs, stoppedAt: `src/main.c:${frame.line}`, local, exitStatus: exitCode };
  } finally {
    await client.stop();
  }
}

async function demonstrate(folder: string): Promise<Record<string, TargetResult>> {
  await unikernel(tmpdir(), 'new', 'c-hello', folder, '--name', 'hello');
  const results: Record<string, TargetResult> = {};
  try {
    await unikernel(folder, 'build');
    for (const target of demoTargets) results[target.id] = await measure(folder, target);
  } finally {
    // The build container with it.
    await unikernel(folder, 'clean');
  }
  return results;
}

async function measure(folder: string, target: Target): Promise<TargetResult> {
  const options = ['--target', target.id];
  await unikernel(folder, 'clean');
  const clean = await timed(() => unikernel(folder, 'build', ...options));
  const main = join(folder, 'src', 'main.c');
  await writeFile(main, `${await readFile(main, 'utf8')}\n`);
  const again = await timed(() => unikernel(folder, 'build', ...options));
  const report = await unikernel(folder, 'report', ...options);
  const booted = await unikernel(folder, 'run', ...options, '--no-build');
  return {
    imageBytes: report['imageBytes'] as number,
    systemCalls: (report['systemCalls'] as { reached: unknown[] }).reached.length,
    cleanBuildMs: clean.milliseconds,
    rebuildMs: again.milliseconds,
    bootMs: booted['bootMilliseconds'] as number,
    ...(await debug(folder, target)),
  };
}

function printTable(results: Record<string, TargetResult>): void {
  const rows: [string, (result: TargetResult) => string][] = [
    ['image, bytes', (result) => String(result.imageBytes)],
    ['system calls reached', (result) => String(result.systemCalls)],
    ['clean build, ms', (result) => String(result.cleanBuildMs)],
    ['rebuild, ms', (result) => String(result.rebuildMs)],
    ['QEMU to first line, ms', (result) => String(result.bootMs)],
    ['debugger start to breakpoint, ms', (result) => String(result.stopMs)],
    ['stopped at', (result) => result.stoppedAt],
    ['local variable', (result) => `${result.local.name} = ${result.local.value}`],
    ['exit status', (result) => String(result.exitStatus)],
  ];
  console.log(
    `\n${''.padEnd(34)}${Object.keys(results)
      .map((target) => target.padEnd(26))
      .join('')}`,
  );
  for (const [title, cell] of rows) {
    console.log(
      title.padEnd(34) +
        Object.values(results)
          .map((result) => cell(result).padEnd(26))
          .join(''),
    );
  }
}

async function main(): Promise<void> {
  const jsonFile = process.argv[process.argv.indexOf('--json') + 1];
  const folder = await mkdtemp(join(tmpdir(), 'unikernel-demo-'));
  try {
    const targets = await withEngine(() => demonstrate(join(folder, 'hello')));
    printTable(targets);
    if (process.argv.includes('--json') && jsonFile !== undefined) {
      await writeFile(jsonFile, `${JSON.stringify({ targets }, null, 2)}\n`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

void main();
