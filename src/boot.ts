import type { Artifact } from './build/artifact';
import { symbolise } from './gdb/symbolise';
import { noteOf } from './debug/dump';
import { readElf } from './image/elf';
import type { Share } from './project/share';
import { imageWithoutShares } from './qemu/errors';
import { findExitRecord } from './qemu/exitRecord';
import { Guest } from './qemu/guest';
import type { Target } from './targets';

/** How a boot differs from what the artifact says. */
export interface BootOptions {
  readonly kernelArguments?: readonly string[];
  readonly memory?: string | undefined;
  readonly qemuPath?: string | undefined;
  /** Folders beside those of the artifact, or in their places. */
  readonly shares?: readonly Share[] | undefined;
  /** A file that keeps the guest, should it crash. */
  readonly dump?: string | undefined;
  /** Files of a crash report below it are shown relative to it. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Boots what a build made, without a debugger. */
export async function bootArtifact(artifact: Artifact, target: Target, options: BootOptions): Promise<Guest> {
  const memory = options.memory ?? artifact.memory;
  const note = options.dump === undefined ? '' : await noteOf({ artifact, target: target.id, memory });
  return Guest.start(
    {
      machine: target.machine,
      image: artifact.image,
      files: artifact.files,
      network: artifact.network,
      shares: sharesOf(artifact, options.shares ?? []),
      memory,
      qemuPath: options.qemuPath,
      kernelArguments: options.kernelArguments,
      exitRecord: findExitRecord(await readElf(artifact.symbols)),
      keepCrash: options.dump === undefined ? undefined : { path: options.dump, note },
      describeReport: (report) => symbolise(report, { ...artifact, folder: options.folder }),
    },
    options.signal,
  );
}

/** Those that are given, and the artifact's where none is given for the same path. */
function sharesOf({ name, shares }: Artifact, given: readonly Share[]): Share[] {
  if (shares === undefined && given.length > 0) throw imageWithoutShares(name);
  const others = (shares ?? []).filter(({ guest }) => !given.some((share) => share.guest === guest));
  return [...others, ...given];
}
