import type { Network } from '../project/network';
import type { Share } from '../project/share';
import type { Architecture } from '../targets';

/**
 * What a build makes: written as artifact.json beside the files, and all that is needed to run or debug them.
 * Paths are absolute on this machine.
 */
export interface Artifact {
  readonly version: 1;
  readonly name: string;
  readonly architecture: Architecture;
  /** The stripped ELF that boots. */
  readonly image: string;
  /** The same image with symbols and DWARF. */
  readonly symbols: string;
  /** The report (JSON) of what is inside: see report.ts. */
  readonly report: string;
  /** The archive (cpio) of the project's files; undefined where it has none. */
  readonly files?: string | undefined;
  /** Folders of this computer that the guest has as its own; undefined where the image cannot have any. */
  readonly shares?: readonly Share[] | undefined;
  /** Memory of the guest as QEMU takes it, such as `64M`. */
  readonly memory: string;
  /** The guest has a network card, and ports of this computer lead to it; undefined where the program cannot use one. */
  readonly network?: Network | undefined;
  /** Folders as the debug information names them, and where they are on this machine. */
  readonly sourceMap: Readonly<Record<string, string>>;
}

/** What the debug information of our builds calls the project's folder. */
export const projectName = '/project';

/** What it calls the folder of the library OS. */
export const libraryName = '/libos';

/** The folder that a project's artifacts lie in: build/x86_64/artifact.json and so on, relative to the project. */
export const buildFolderName = 'build';

/** The archive of the project's files in it, which all architectures share. */
export const filesArchiveName = 'files.cpio';
