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

/** The image, or the files behind it, end beyond the guest's memory. */
export function imageDoesNotFit(bytes: number, memory: string): UnikernelError {
  return new UnikernelError(
    'guest.memory',
    `The image does not fit into a guest with ${memory} of memory.`,
    `With what lies before it and the project's files, it takes ${Math.ceil(bytes / 2 ** 20)} MiB.`,
    { text: 'Raise "memory" in unikernel.json.' },
  );
}

/** A folder to share that is not there, and that would be empty if it were made. */
export function shareMissing(folder: string): UnikernelError {
  return new UnikernelError(
    'guest.share.missing',
    `The folder ${folder} cannot be shared with the guest: it is not there.`,
    'It is shared for reading only (":ro"), so there would be nothing in it to read.',
    { text: 'Make the folder, or mend its path.' },
  );
}

/** A folder to share that cannot be made, or not be used. */
export function shareUnusable(folder: string, why: string): UnikernelError {
  return new UnikernelError('guest.share.unusable', `${folder} cannot be shared with the guest.`, `${why}.`, {
    text: 'Choose a folder that you may read and, unless it is shared with ":ro", write.',
  });
}

/** A folder of a project that is really elsewhere. */
export function shareLeadsOut(folder: string, place: string): UnikernelError {
  return new UnikernelError(
    'guest.share.place',
    `The folder ${folder} cannot be shared with the guest: it is not in the project.`,
    `A symbolic link leads to ${place}, and a project shares only what is its own.`,
    { text: `Share it on the command line, if you mean it: unikernel run --share ${place}:/data` },
  );
}

/** A guest that is to be recorded or kept, and has folders of this computer. */
export function sharesNotKept(folders: readonly string[]): UnikernelError {
  return new UnikernelError(
    'guest.share.kept',
    'A guest that shares folders with this computer can neither be recorded nor kept in a file.',
    `It shares ${folders.join(', ')}, and QEMU saves no machine whose folders are in use.`,
    { text: 'Run it without recording and without --dump, or take "shares" out of unikernel.json.' },
  );
}

/** A folder shared with an image that has nothing to mount it. */
export function imageWithoutShares(name: string): UnikernelError {
  return new UnikernelError(
    'guest.share.image',
    `${name} cannot have folders of this computer.`,
    'What mounts them is only in the images of projects that have "shares" in their unikernel.json.',
    { text: 'Add "shares": [] to unikernel.json, and build again.' },
  );
}

/** A --share that is none. */
export function badShare(text: string, why: string): UnikernelError {
  return new UnikernelError('guest.share', `"${text}" is nothing to share.`, `${why}.`, {
    text: 'Give HOST:GUEST, such as ./data:/data, or ./data:/data:ro to have it only read.',
  });
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
