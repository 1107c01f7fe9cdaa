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
    'Neither "artifact" nor "kernel" is set, nor "qemuArgs" that boot something else, with its "symbols".',
    {
      text: 'Set "artifact" to the artifact.json of a build, or "kernel" to an ELF.',
    },
  );
}

/** A file that the configuration names cannot be read. */
export function unreadable(path: string, why: string): UnikernelError {
  return new UnikernelError('debug.unreadable', `${path} cannot be read.`, why, { text: 'Build the project first.' });
}

/** A kernel or its symbols are for another architecture than the target's. */
export function wrongTarget(path: string, architecture: string, target: string): UnikernelError {
  return new UnikernelError(
    'debug.wrongTarget',
    `${path} does not run on ${target}.`,
    `It was built for ${architecture}.`,
    { text: 'Leave "target" out, which takes one that fits, or name another file.' },
  );
}

/** An x86_64 file that QEMU's -kernel does not take. */
export function notBootable(path: string, why: string): UnikernelError {
  return new UnikernelError('debug.notBootable', `QEMU cannot boot ${path}.`, why, {
    text:
      'A multiboot kernel boots as 32-bit ELF: make one with "objcopy -O elf32-i386", name it as "kernel", and this file as "symbols". ' +
      'What needs a boot loader, such as multiboot 2, boots from a CD or disk: leave "kernel" out, and set "symbols" and "qemuArgs".',
  });
}

/** A file with symbols that gdb cannot use for a 64-bit CPU. */
export function elf64Needed(path: string): UnikernelError {
  return new UnikernelError(
    'debug.elf64Needed',
    `The symbols of ${path} cannot be used.`,
    'It is not a 64-bit ELF for x86_64 or aarch64, which gdb needs to follow these CPUs.',
    { text: 'Name the 64-bit ELF that it was made from as "symbols".' },
  );
}

/** gdb refused a command of the person's own. */
export function commandFailed(command: string, why: string): UnikernelError {
  return new UnikernelError('debug.command', `gdb refused "${command}".`, why, {
    text: 'Correct "gdbCommands" in launch.json.',
  });
}

/** A step was asked of a thread of the guest's that waits. */
export function noCpuRunsIt(name: string): UnikernelError {
  return new UnikernelError('debug.noCpuRunsIt', `${name} cannot be stepped.`, 'No CPU runs it.', {
    text: 'Step a CPU, or set a breakpoint where the thread goes on.',
  });
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

/** Something that needs a guest that stands still was asked of another. */
export function guestNotStopped(state: string): UnikernelError {
  return new UnikernelError('debug.notStopped', 'The guest is not stopped.', `It is ${state}.`, {
    text: 'Pause it first.',
  });
}

/** A breakpoint on data was asked for something that is in a register, or nowhere. */
export function notInMemory(expression: string): UnikernelError {
  return new UnikernelError('debug.notInMemory', `${expression} cannot be watched.`, 'It has no place in memory.', {
    text: 'Watch a variable, a member, or an address.',
  });
}

/** The editor asks what went wrong at a stop where nothing did. */
export function noException(): UnikernelError {
  return new UnikernelError('debug.noException', 'Nothing went wrong at this stop.', '', { text: '' });
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

/** A memory reference that is no address. */
export function notAnAddress(reference: string): UnikernelError {
  return new UnikernelError('debug.notAnAddress', `"${reference}" is no address.`, '', {
    text: 'Give a number, such as 0x100000.',
  });
}

/** Bytes were to be written where, in whole or in part, there is no memory. */
export function cannotWrite(address: string, count: number): UnikernelError {
  return new UnikernelError(
    'debug.cannotWrite',
    `The ${count} bytes at ${address} cannot be written.`,
    'Some of them are where the guest has no memory.',
    { text: 'Write fewer bytes, or elsewhere.' },
  );
}

/** What was asked for before is not done yet. */
export function guestBusy(what: string, seconds: number): UnikernelError {
  return new UnikernelError(
    'debug.guestBusy',
    'The guest is busy.',
    `This waited ${seconds} s for what was asked for before: ${what}.`,
    { text: 'Try it again later, or stop the debug session.' },
  );
}

/** A place to go on from that was not offered in this session. */
export function notATarget(): UnikernelError {
  return new UnikernelError('debug.notATarget', 'This place to go on from is not known.', '', {
    text: 'Ask for the places of its line again.',
  });
}
/** The run goes only forwards. */
export function notRecorded(): UnikernelError {
  return new UnikernelError('debug.notRecorded', 'The guest cannot go back.', 'Its run is not recorded.', {
    text: 'Set "record": true in launch.json and start again.',
  });
}

/** Snapshots and resets are for guests that were started here. */
export function notOurGuest(): UnikernelError {
  return new UnikernelError('debug.notOurGuest', 'Only a guest that was started here can do this.', '', {
    text: 'Launch it instead of attaching to it; a QEMU that runs already has a monitor of its own.',
  });
}

/** Another debugger connects only to a guest that has none. */
export function notRunningAlone(): UnikernelError {
  return new UnikernelError('debug.notRunningAlone', 'No guest runs here without a debugger.', '', {
    text: '"Unikernel: Run" starts one.',
  });
}

/** A recorded run is what it is. */
export function runIsRecorded(): UnikernelError {
  return new UnikernelError(
    'debug.runIsRecorded',
    'A recorded run cannot be changed from outside.',
    'What follows would be missing in the recording.',
    { text: 'Step or continue back to where you want to be, or start without "record".' },
  );
}

/** QEMU's monitor was to let the guest run. */
export function debuggerRunsGuest(): UnikernelError {
  return new UnikernelError(
    'debug.debuggerRunsGuest',
    'The monitor cannot let the guest run.',
    'A debugger holds it.',
    {
      text: 'Continue in the debugger.',
    },
  );
}

/** A guest that was kept when it crashed was to go on. */
export function deadGuest(): UnikernelError {
  return new UnikernelError(
    'debug.deadGuest',
    'The guest does not run any more.',
    'This is how it was when it crashed.',
    {
      text: '',
    },
  );
}

/** A file was to be opened as a dump of a guest. */
export function notADump(path: string): UnikernelError {
  return new UnikernelError('debug.notADump', `${path} is no dump of a guest.`, '', {
    text: 'Dumps are made by "unikernel run --dump FILE", when the guest crashes.',
  });
}

/** The files with the symbols are no longer those of the program that crashed. */
export function rebuiltSince(path: string, symbols: string): UnikernelError {
  return new UnikernelError(
    'debug.rebuilt',
    `${path} cannot be shown.`,
    `${symbols} was built again since, or is gone.`,
    {
      text: 'Make the dump again.',
    },
  );
}

/** The registers as they were when the function of a frame was called cannot be had again. */
export function cannotRestart(why: string): UnikernelError {
  return new UnikernelError(
    'debug.cannotRestart',
    'The frame cannot be restarted.',
    `${why[0]?.toUpperCase() ?? ''}${why.slice(1)}.`,
    {
      text: 'Restart a frame further out, or set the next statement.',
    },
  );
}
