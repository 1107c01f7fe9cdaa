import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture, Target } from '../../src/targets';
import { aarch64Virt } from '../../src/targets/aarch64-virt';
import { x86_64Q35 } from '../../src/targets/x86_64-q35';
import { Guest } from './guest';
import { linuxGuest } from './linux';
import type { Projects } from './projects';

/** A static program that runs as a unikernel and on Linux. */
export interface PeerProgram {
  readonly name: string;
  /** Makes OUTPUT with a compiler. */
  readonly compile: (compiler: string, output: string) => Promise<unknown>;
  /** A folder whose content is in its working folder. */
  readonly files?: string;
  readonly words?: readonly string[];
  /** Says that it uses the network. */
  readonly network?: boolean;
}

const compilers = { x86_64: 'x86_64-linux-gnu-gcc', aarch64: 'aarch64-linux-gnu-gcc' } as const;

/** The machines on which the distribution's kernel finds its devices: on microvm it hangs now and then. */
export const peerTargets = [x86_64Q35, aarch64Virt];

/** The same memory for both: a distribution's kernel does not begin with less. */
const memory = '256M';

/** The same program, byte by byte, as a unikernel and on the distribution's Linux, in the same emulator. */
export async function peersOf(projects: Projects, target: Target, program: PeerProgram) {
  const { name, compile, files, words = [] } = program;
  const folder = await projects.folder();
  const make = async (architecture: Architecture): Promise<string> => {
    const output = join(folder, `${name}-${architecture}`);
    await compile(compilers[architecture], output);
    return output;
  };
  const project = await projects.ready(name, make, files);
  const artifact = await project.artifact(target.architecture);
  const linked = join(project.folder, target.architecture);
  return {
    ours: await Guest.of(artifact, target, folder, { memory, kernelArguments: words }),
    linux: await linuxGuest(
      { target, program: linked, compiler: compilers[target.architecture], memory, folder },
      program,
    ),
  };
}

/** Compiles one source of the bench to a static program of Linux. */
export function compileSource(source: string): PeerProgram['compile'] {
  return (compiler, output) =>
    promisify(execFile)(compiler, ['-O2', '-static', '-pthread', '-Wall', '-Wextra', '-o', output, source]);
}
