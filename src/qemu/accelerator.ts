import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../errors';
import type { Target } from '../targets';
import type { Qemu } from './find';
import { probeRom, runProbe } from './probe';

/** How the guest's instructions are executed. */
export interface Accelerator {
  readonly id: 'kvm' | 'hvf' | 'tcg';
  /** One line for a person. */
  readonly description: string;
}

const emulation = (reason: string): Accelerator => ({ id: 'tcg', description: `Software emulation (TCG): ${reason}.` });

/** Finds the fastest way to run the machine here, by running a guest with it: only that says whether it works. */
export async function findAccelerator(
  qemu: Qemu,
  machine: Target['machine'],
  signal: AbortSignal,
): Promise<Accelerator> {
  if (machine.acceleratedOn !== process.arch)
    return emulation('this computer has another instruction set than the guest');
  const id = process.platform === 'linux' ? 'kvm' : process.platform === 'darwin' ? 'hvf' : undefined;
  if (id === undefined) return emulation('no accelerator is used on this operating system');
  const failure = await whyNot(qemu, machine, id, signal);
  if (failure !== undefined) return emulation(`${id.toUpperCase()} is not usable: ${failure}`);
  return { id, description: `Hardware acceleration (${id.toUpperCase()}).` };
}

/** Why QEMU cannot run guests with the accelerator; undefined when it can. */
async function whyNot(
  qemu: Qemu,
  machine: Target['machine'],
  id: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const args = [...machine.arguments, '-accel', id, '-cpu', 'host'];
  if (machine.acceleratedOn !== 'x64') return whyNotStarted(qemu.path, args, signal);
  const folder = await mkdtemp(join(tmpdir(), 'uk-probe-'));
  try {
    const rom = join(folder, 'rom');
    await writeFile(rom, probeRom());
    return await runProbe(qemu.path, args, rom, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As whyNot, from starting alone: for computers that have no probe to run. */
async function whyNotStarted(path: string, args: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const bare = ['-nodefaults', '-no-user-config', '-display', 'none', '-S', '-qmp', 'stdio'];
  const started = promisify(execFile)(path, [...args, ...bare], { signal, timeout: 5000, killSignal: 'SIGKILL' });
  started.child.stdin?.on('error', () => undefined);
  started.child.stdin?.end('{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n');
  try {
    await started;
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return messageOf(error).trim().split('\n').at(-1)?.replace(/\.+$/, '');
  }
}
