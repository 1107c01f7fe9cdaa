import { messageOf, UnikernelError } from '../errors';

/** The project has nothing that its language's toolchain compiles. */
export function noSources(patterns: readonly string[], extensions: readonly string[]): UnikernelError {
  return new UnikernelError(
    'build.sources',
    'The project has no source files.',
    `No file ending in ${extensions.join(', ')} matches "sources": ${patterns.map((pattern) => `"${pattern}"`).join(', ')}.`,
    { text: 'Add a source file, or correct "sources" in unikernel.json.' },
  );
}

/** The project does not say which program a build of the language "elf" takes. */
export function noProgram(architecture: string): UnikernelError {
  return new UnikernelError(
    'build.program',
    `The project has no program for ${architecture}.`,
    '"program" in unikernel.json names none.',
    { text: `Name it: "program": { "${architecture}": PATH }, or leave ${architecture} out of "targets".` },
  );
}

/** The program that "program" names is not there. */
export function missingProgram(path: string, cause: unknown): UnikernelError {
  return new UnikernelError('build.program', `The program ${path} cannot be read.`, messageOf(cause), {
    text: 'Make it first, or correct "program" in unikernel.json.',
  });
}

/** A program in a project that is compiled. */
export function uselessProgram(language: string): UnikernelError {
  return new UnikernelError(
    'build.program',
    `"program" has no meaning for the language "${language}".`,
    'It is compiled from "sources".',
    { text: 'Remove "program" from unikernel.json, or set "language": "elf".' },
  );
}

/** Randomisation of a program that was linked before. */
export function fixedProgram(language: string): UnikernelError {
  return new UnikernelError(
    'build.aslr',
    `"aslr" cannot be had with the language "${language}".`,
    'The program is linked to fixed addresses already, and cannot be moved.',
    { text: 'Remove "aslr" from unikernel.json.' },
  );
}

/** A path that the build's line-based files cannot hold. */
export function badSourcePath(path: string): UnikernelError {
  return new UnikernelError(
    'build.path',
    `The source file ${JSON.stringify(path)} cannot be built.`,
    'Its path holds a line break.',
    { text: 'Rename it.' },
  );
}

/** The folder that "files" names is not there. */
export function noFilesFolder(folder: string): UnikernelError {
  return new UnikernelError(
    'files.missing',
    `The folder ${folder} is missing.`,
    '"files" in unikernel.json names it.',
    {
      text: 'Create it, or correct "files".',
    },
  );
}

/** Something in the folder of files that a guest cannot have. */
export function specialFile(path: string, what: string): UnikernelError {
  return new UnikernelError(
    'files.special',
    `${path} cannot be packed.`,
    `It is ${what}; the guest gets folders, files and symbolic links.`,
    { text: 'Move it out of the folder of files.' },
  );
}

/** The archive's format has 32 bits for a size. */
export function largeFile(path: string): UnikernelError {
  return new UnikernelError('files.large', `${path} cannot be packed.`, 'It is larger than 4 GiB.', {
    text: 'Move it out of the folder of files.',
  });
}

/** A file became longer or shorter while it was read. */
export function changedFile(path: string): UnikernelError {
  return new UnikernelError('files.changed', `${path} changed while it was packed.`, 'Another program writes to it.', {
    text: 'Build again when it is finished.',
  });
}

/** There is no artifact to run or to report on. */
export function notBuilt(folder: string, architecture: string, cause?: unknown): UnikernelError {
  return new UnikernelError(
    'build.missing',
    `The project is not built for ${architecture}.`,
    cause === undefined ? `${folder} holds no artifact.json.` : messageOf(cause),
    { text: 'Build it first.', button: { title: 'Build', command: 'unikernel.build' } },
  );
}

/** A file that the build made is not what it should be. */
export function damagedOutput(file: string, cause: unknown): UnikernelError {
  return new UnikernelError('build.damaged', `${file} cannot be read.`, messageOf(cause), {
    text: 'Clean the project and build again.',
  });
}
