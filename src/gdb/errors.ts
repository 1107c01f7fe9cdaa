import { UnikernelError } from '../errors';

const installRemedy = {
  text:
    'Install gdb: "apt install gdb-multiarch" on Debian and Ubuntu, "dnf install gdb" on Fedora, "brew install gdb" on macOS; ' +
    'or set the path of an installed one.',
  button: { title: 'How to Install gdb', command: 'https://sourceware.org/gdb/download/' },
};

const restartRemedy = { text: 'Stop the debug session and start it again.' };

/** No gdb that knows the guest's architecture was found. */
export function gdbMissing(looked: readonly string[]): UnikernelError {
  return new UnikernelError(
    'gdb.missing',
    'No gdb for the guest was found.',
    `Looked for: ${looked.join(', ')}.`,
    installRemedy,
  );
}

/** gdb answered a command with an error: its own words say why. */
export function gdbRefused(command: string, message: string): UnikernelError {
  return new UnikernelError('gdb.refused', message, `gdb refused "${command}".`, { text: '' });
}

/** gdb did not answer in time. */
export function gdbTimeout(command: string, milliseconds: number): UnikernelError {
  return new UnikernelError(
    'gdb.timeout',
    'gdb does not answer.',
    `No answer to "${command}" within ${milliseconds} ms.`,
    restartRemedy,
  );
}

/** gdb ended while it was needed. */
export function gdbExited(lastLines: string): UnikernelError {
  return new UnikernelError('gdb.exited', 'gdb ended.', lastLines, restartRemedy);
}
