import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../errors';
import type { Target } from '../targets';
import type { Qemu } from './find';

/** How the guest's instructions are executed. */
export interface Accelerator {
  readonly id: 'kvm' | 'hvf' | 'tcg';
  /** One line for a person. */
  readonly description: string;
}

const emulation = (reason: string): Accelerator => ({ id: 'tcg', description: `Software emulation (TCG): ${reason}.` });

/** Finds the fastest way to run the machine here, by starting QEMU with it: only that says whether it works. */
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

/** The last line that QEMU prints when it cannot start with the accelerator; undefined when it starts. */
async function whyNot(
  qemu: Qemu,
  machine: Target['machine'],
  id: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const bare = ['-nodefaults', '-no-user-config', '-display', 'none', '-S', '-qmp', 'stdio'];
  const probe = promisify(execFile)(qemu.path, [...machine.arguments, '-accel', id, '-cpu', 'host', ...bare], {
    signal,
    timeout: 5000,
    killSignal: 'SIGKILL',
  });
  probe.child.stdin?.on('error', () => undefined);
  probe.child.stdin?.end('{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n');
  try {
    await probe;
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return messageOf(error).trim().split('\n').at(-1)?.replace(/\.+$/, '');
  }
}
