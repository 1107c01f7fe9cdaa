import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../errors';
import type { Target } from '../targets';
import { probeRom, runProbe } from './probe';
import { remembered } from './remembered';

/** How the guest's instructions are executed. */
export interface Accelerator {
  readonly id: 'kvm' | 'hvf' | 'tcg';
  /** One line for a person. */
  readonly description: string;
}

const emulation = (reason: string): Accelerator => ({ id: 'tcg', description: `Software emulation (TCG): ${reason}.` });

/** Finds the fastest way to run the machine here, by running a guest with it: only that says whether it works. */
export async function findAccelerator(
  qemu: string,
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
  qemu: string,
  machine: Target['machine'],
  id: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (id === 'kvm') {
    const refusal = await whyClosed('/dev/kvm');
    if (refusal !== undefined) return refusal;
  }
  const args = [...machine.arguments, '-accel', id, '-cpu', 'host'];
  return remembered(qemu, args, () => probe(qemu, args, machine.acceleratedOn, signal));
}

/** As whyNot, from running QEMU. */
async function probe(
  qemu: string,
  args: readonly string[],
  processor: Target['machine']['acceleratedOn'],
  signal: AbortSignal,
): Promise<string | undefined> {
  if (processor !== 'x64') return whyNotStarted(qemu, args, signal);
  const folder = await mkdtemp(join(tmpdir(), 'uk-probe-'));
  try {
    const rom = join(folder, 'rom');
    await writeFile(rom, probeRom());
    return await runProbe(qemu, args, rom, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Why a device cannot even be opened, which needs no guest to tell; undefined when it can. */
async function whyClosed(device: string): Promise<string | undefined> {
  try {
    await access(device);
  } catch {
    return `this computer has no ${device}`;
  }
  return access(device, constants.R_OK | constants.W_OK).then(
    () => undefined,
    () => `${device} is not open to this user (is it in the group "kvm"?)`,
  );
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
