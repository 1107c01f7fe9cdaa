import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bootArtifact } from '../../src/boot';
import { readArtifact } from '../../src/build/build';
import type { Guest } from '../../src/qemu/guest';
import type { GuestExit } from '../../src/qemu/exitStatus';
import type { Target } from '../../src/targets';
import { inForm } from '../form';

const cli = resolve(__dirname, '../../src/cli/main.ts');

/** The command line from its sources; a failure is a result. */
export async function unikernel(folder: string, ...args: string[]) {
  const options = {
    cwd: folder,
    reject: false,
    input: '',
    preferLocal: true,
    localDir: resolve(__dirname, '../..'),
    // A guest that hangs is one failed test, not a standstill.
    timeout: 240_000,
  } as const;
  const { execa } = await import('execa');
  return execa('tsx', [cli, ...args], options);
}

/**
 * A project of the template, with another main.c where one is given, and more fields in its unikernel.json, built for its targets;
 * `remove` takes its builder with it.
 */
export async function buildHello(
  source?: string,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'unikernel-hello-'));
  const folder = join(parent, 'hello');
  const created = await unikernel(parent, 'new', 'c-hello', 'hello');
  assert.equal(created.exitCode, 0, created.stderr);
  if (source !== undefined) await writeFile(join(folder, 'src', 'main.c'), source);
  await changeProject(folder, fields);
  const built = await unikernel(folder, 'build');
  assert.equal(built.exitCode, 0, built.stderr);
  return {
    folder,
    async remove() {
      await unikernel(folder, 'clean');
      await rm(parent, { recursive: true });
    },
  };
}

/** Gives fields of a project's unikernel.json other values. */
export async function changeProject(folder: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
  const file = join(folder, 'unikernel.json');
  const before = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...before, ...fields }));
}

/** Boots what was built of the project, in this process, and hands on what it prints; a guest that hangs is ended. */
export async function boot(
  folder: string,
  target: Target,
  kernelArguments: readonly string[] = [],
  onOutput?: (data: Buffer, guest: Guest) => void,
): Promise<GuestExit & { readonly output: string }> {
  const artifact = await readArtifact(folder, target.architecture);
  const limit = inForm(60_000, 600_000);
  const guest = await bootArtifact(artifact, target, { kernelArguments, folder, signal: AbortSignal.timeout(limit) });
  const hanging = setTimeout(() => void guest.powerOff(), limit);
  const output: Buffer[] = [];
  guest.console.subscribe((data) => {
    output.push(data);
    onOutput?.(data, guest);
  });
  const exit = await guest.ended;
  clearTimeout(hanging);
  return { ...exit, output: Buffer.concat(output).toString().replaceAll('\r\n', '\n') };
}
