import { UnikernelError } from '../errors';

const installText =
  'Install QEMU 6.2 or newer: "apt install qemu-system" on Debian and Ubuntu, "dnf install qemu-system-x86 qemu-system-aarch64" on Fedora, ' +
  '"brew install qemu" on macOS, the installer from qemu.org on Windows; or set the path of an installed one.';

const installRemedy = {
  text: installText,
  button: { title: 'How to Install QEMU', command: 'https://www.qemu.org/download/' },
};

/** QEMU is in none of the places that were looked at. */
export function qemuMissing(program: string, looked: readonly string[]): UnikernelError {
  return new UnikernelError(
    'qemu.missing',
    `${program} was not found.`,
    `Looked at: ${looked.join(', ')}.`,
    installRemedy,
  );
}

/** A QEMU that cannot do what we need of it. */
export function qemuTooOld(path: string, version: string): UnikernelError {
  return new UnikernelError(
    'qemu.tooOld',
    `${path} is too old.`,
    `It says that it is version ${version}.`,
    installRemedy,
  );
}

/** The file is there, but it is no QEMU, or it does not start. */
export function qemuUnusable(path: string, output: string): UnikernelError {
  return new UnikernelError('qemu.unusable', `${path} does not start.`, output, installRemedy);
}

/** QEMU ended before the guest could run. */
export function guestDidNotStart(lastLines: string): UnikernelError {
  return new UnikernelError(
    'qemu.guestDidNotStart',
    'QEMU ended before the guest started.',
    lastLines === '' ? 'It printed nothing.' : `It printed:\n${lastLines}`,
    { text: 'Check the memory size and the additional QEMU arguments.' },
  );
}

/** A QMP command that QEMU refused, or did not answer in time. */
export function qmpFailed(command: string, why: string): UnikernelError {
  return new UnikernelError('qemu.qmp', `QEMU did not carry out "${command}".`, why, {
    text: 'Stop the guest and start it again.',
  });
}

/** QEMU did not save or restore a snapshot. */
export function snapshotFailed(name: string, why: string): UnikernelError {
  return new UnikernelError('qemu.snapshot', `The snapshot "${name}" was not saved or restored.`, why, {
    text: 'A guest with devices that cannot be saved has no snapshots: leave out the QEMU arguments that add them.',
  });
}

/** The files take more of the guest's memory than there is. */
export function filesDoNotFit(bytes: number, memory: string): UnikernelError {
  return new UnikernelError(
    'guest.files',
    `The project's files do not fit into a guest with ${memory} of memory.`,
    `They take ${Math.ceil(bytes / 2 ** 20)} MiB.`,
    { text: 'Raise "memory" in unikernel.json.' },
  );
}

/** A forwarded port belongs to another program. */
export function portTaken(port: number, protocol: string): UnikernelError {
  return new UnikernelError(
    'qemu.port',
    `Port ${port} of this computer is taken.`,
    `unikernel.json forwards ${protocol.toUpperCase()} port ${port} to the guest, and another program, or a guest that still runs, listens there.`,
    { text: `End that program, or choose another port under "network" in unikernel.json.` },
  );
}
