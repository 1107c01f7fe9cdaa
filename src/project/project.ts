import type { ProjectConfiguration } from './schema';

/** The name of the file that makes a folder a project. */
export const projectFileName = 'unikernel.json';

/** A loaded project: the folder and its checked configuration. */
export interface Project {
  /** Absolute path of the folder that holds unikernel.json. */
  readonly folder: string;
  readonly configuration: ProjectConfiguration;
}

/** Something wrong in a file, at a place; lines and columns count from 1, as compilers print them. */
export interface Problem {
  /** Absolute path of the file on this machine. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning' | 'note';
  readonly message: string;
  /** What found it: `unikernel`, `gcc`, `ld`, …. */
  readonly source: string;
  /** The option that controls a warning (-Wunused-variable), where there is one. */
  readonly code?: string;
}
