import type { Progress } from '../progress';
import type { Architecture } from '../targets';

/** A language's folder in toolchains/, read from its toolchain.json. */
export interface Toolchain {
  /** The folder's name, and what unikernel.json's `language` says. */
  readonly id: string;
  /** The language's name for people. */
  readonly title: string;
  /** What it makes an image of: sources that it compiles, or a program that is linked already. */
  readonly takes: 'sources' | 'program';
  /** Endings of the files that it compiles, with the dot. */
  readonly sourceExtensions: readonly string[];
  /** Endings of the files that those may include. */
  readonly headerExtensions: readonly string[];
  /** Debian packages that the `host` engine needs. */
  readonly hostPackages: readonly string[];
  /** Absolute path of toolchains/ID. */
  readonly folder: string;
}

/** A file that a build needs: where it goes below the builder's root, and its bytes or where to read them. */
export interface BuildInput {
  /** Relative path with forward slashes, such as `project/src/main.c`. */
  readonly path: string;
  readonly content: { readonly file: string } | { readonly bytes: Uint8Array };
}

/** What one architecture's build printed and how it ended. */
export interface BuildRun {
  readonly exitCode: number;
}

/** A place where one project builds with one toolchain: a warm container, or a folder of this machine. */
export interface Builder {
  /** Brings the inputs in: sends what is new or changed, removes what is gone. */
  synchronize(inputs: readonly BuildInput[], signal: AbortSignal): Promise<void>;
  /**
   * Runs `unikernel-build` for one architecture; output arrives as it is printed. An abort stops it within a second and
   * leaves no process behind; the promise then rejects with an AbortError.
   */
  run(architecture: Architecture, onOutput: (text: string) => void, signal: AbortSignal): Promise<BuildRun>;
  /** Copies what changed of the architecture's finished files into a folder of this machine. */
  fetch(architecture: Architecture, destination: string, signal: AbortSignal): Promise<void>;
  /** Removes the container or folder and all that was built in it. */
  remove(): Promise<void>;
}

/** Where builds run. */
export interface Engine {
  readonly id: 'docker' | 'host';
  /** For people: `docker 20.10 at unix:///var/run/docker.sock`. */
  readonly description: string;
  /** Makes the toolchain ready (builds its image on first use) and opens the project's builder. */
  open(toolchain: Toolchain, projectFolder: string, progress: Progress, signal: AbortSignal): Promise<Builder>;
  /** Removes every builder of a project, without making one first. */
  close(projectFolder: string): Promise<void>;
}
