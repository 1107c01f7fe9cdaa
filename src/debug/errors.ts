import { UnikernelError } from '../errors';

/** Fields of launch.json that are missing or not what they should be. */
export function wrongConfiguration(problems: readonly string[]): UnikernelError {
  return new UnikernelError('debug.configuration', 'The debug configuration is wrong.', problems.join('\n'), {
    text: 'Correct it in launch.json.',
  });
}

/** launch.json says neither which artifact nor which kernel to boot. */
export function nothingToBoot(): UnikernelError {
  return new UnikernelError(
    'debug.nothingToBoot',
    'There is nothing to boot.',
    'Neither "artifact" nor "kernel" is set.',
    {
      text: 'Set "artifact" to the artifact.json of a build, or "kernel" to an ELF.',
    },
  );
}

/** A file that the configuration names cannot be read. */
export function unreadable(path: string, why: string): UnikernelError {
  return new UnikernelError('debug.unreadable', `${path} cannot be read.`, why, { text: 'Build the project first.' });
}

/** A request came before there is anything to debug, or after its end. */
export function notDebugging(): UnikernelError {
  return new UnikernelError('debug.notDebugging', 'No guest is being debugged.', '', { text: '' });
}

/** A variable that is to be changed is none that was shown. */
export function notShown(name: string): UnikernelError {
  return new UnikernelError('debug.notShown', `${name} cannot be changed.`, 'It is not shown at this stop.', {
    text: 'Show it again, and change it then.',
  });
}

/** A client sent a request that this adapter has no answer for. */
export function unknownRequest(command: string): UnikernelError {
  return new UnikernelError('debug.unknownRequest', `The request "${command}" is not known.`, '', { text: '' });
}

/** An expression that would change the guest was to be evaluated only by looking at it. */
export function hasSideEffects(expression: string): UnikernelError {
  return new UnikernelError(
    'debug.sideEffects',
    `"${expression}" is not evaluated here.`,
    'It could change the program.',
    { text: 'Evaluate it in the debug console.' },
  );
}

/** Nothing listens at the address, or what does is no gdb stub. */
export function cannotConnect(address: string, why: string): UnikernelError {
  return new UnikernelError('debug.cannotConnect', `gdb cannot connect to ${address}.`, why, {
    text: 'Start the guest first, with a gdb stub there: QEMU opens one with "-gdb tcp:127.0.0.1:1234".',
  });
}

/** A running guest cannot be stepped, or told to go on. */
export function guestRuns(): UnikernelError {
  return new UnikernelError('debug.guestRuns', 'The guest is running.', '', { text: 'Pause it first.' });
}

/** QEMU closed its connection to gdb, and goes on. */
export function guestLost(): UnikernelError {
  return new UnikernelError('debug.guestLost', 'gdb lost the guest.', 'QEMU runs, but closed the connection to gdb.', {
    text: 'Start the debug session again.',
  });
}

/** The guest was interrupted again and again, and runs. */
export function guestDoesNotStop(seconds: number): UnikernelError {
  return new UnikernelError(
    'debug.doesNotStop',
    'The guest does not stop.',
    `It was interrupted for ${seconds} seconds. QEMU may hang, or its gdb stub may serve somebody else.`,
    { text: 'Stop the debug session, or try again.' },
  );
}
