import { UnikernelError } from '../errors';

/** No unikernel.json in the folder or above it. */
export function noProject(folder: string): UnikernelError {
  return new UnikernelError(
    'project.missing',
    'This folder is not a unikernel project.',
    `Neither ${folder} nor a folder above it holds a unikernel.json.`,
    {
      text: 'Create a project, or open the folder that holds its unikernel.json.',
      button: { title: 'New Project…', command: 'unikernel.newProject' },
    },
  );
}

/** The name cannot be used for a project. */
export function badName(name: string, why: string): UnikernelError {
  return new UnikernelError('project.name', `"${name}" cannot be the name of a project.`, `The name ${why}.`, {
    text: 'Choose another name.',
  });
}

/** Creating a project would write over what is there. */
export function destinationTaken(folder: string): UnikernelError {
  return new UnikernelError(
    'project.destination',
    `${folder} is not empty.`,
    'A new project is only written into a new or empty folder, so that nothing is overwritten.',
    { text: 'Choose another folder.' },
  );
}

/** The template's folder is damaged. */
export function badTemplate(folder: string, why: string): UnikernelError {
  return new UnikernelError('project.template', `The template in ${folder} cannot be used.`, why, {
    text: 'Reinstall Unikernel Tools.',
  });
}

/** Creating a project failed in the file system. */
export function cannotCreate(folder: string, cause: Error): UnikernelError {
  return new UnikernelError(
    'project.create',
    `The project could not be written to ${folder}.`,
    cause.message,
    { text: 'Choose a folder that you may write to, with space left on its disk.' },
    { cause },
  );
}
