import { execFile, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Artifact } from '../../src/build/artifact';
import { findAccelerator } from '../../src/qemu/accelerator';
import { measureArchive } from '../../src/qemu/archive';
import { guestArguments, type GuestCommandLine, type GuestSockets } from '../../src/qemu/commandLine';
import { locateQemu } from '../../src/qemu/find';
import type { Architecture, Target } from '../../src/targets';
import { freePort } from '../freePort';

/** What boots, and with what. */
export type Boot = { readonly image: string; readonly memory?: string } & Pick<
  Partial<GuestCommandLine>,
  'files' | 'kernelArguments' | 'network'
>;

/** A guest that runs. */
export interface Running {
  /** What it has printed when it was ready, and how long after QEMU was started that was. */
  readonly text: string;
  readonly milliseconds: number;
  end(): Promise<void>;
}

/** A guest that prints nothing that is waited for is given up. */
const startLimit = 60_000;

/** QEMU as the product starts it, without anything of the product around it. */
export class BareQemu {
  private constructor(
    private readonly path: string,
    private readonly accelerator: 'kvm' | 'hvf' | 'tcg',
    private readonly target: Target,
  ) {}

  /** Finds the target's emulator and the accelerator that guests have here. */
  static async find(target: Target): Promise<BareQemu> {
    const { signal } = new AbortController();
    const qemu = locateQemu(target.machine.program, undefined);
    const { id } = await findAccelerator(qemu, target.machine, signal);
    return new BareQemu(qemu, id, target);
  }

  /** Milliseconds from starting QEMU to the end of the first line on the guest's console. */
  async firstLine(image: string, folder: string): Promise<number> {
    const guest = await this.start({ image }, folder, /\n/);
    await guest.end();
    return guest.milliseconds;
  }

  /** Starts a guest that is not frozen, and waits until it has printed what is looked for. */
  async start(boot: Boot, folder: string, ready: RegExp): Promise<Running> {
    const sockets = { qmp: join(folder, 'q'), serial: 'unused' };
    // The product's command line, but the guest is not frozen and its console is on the standard streams.
    const args = this.arguments(boot, sockets)
      .filter((word) => word !== '-S')
      .map((word) => (word.endsWith(',id=serial0') ? 'stdio,id=serial0' : word));
    const start = performance.now();
    const qemu = startProcess(this.path, args, ['ignore', 'pipe', 'inherit']);
    const timer = setTimeout(() => void end(qemu), startLimit);
    let text = '';
    const milliseconds = await new Promise<number>((resolve, reject) => {
      qemu.stdout!.on('data', (data: Buffer) => {
        text += data.toString();
        if (ready.test(text)) resolve(performance.now() - start);
      });
      qemu.stdout!.once('end', () => {
        reject(new Error(`${boot.image} did not print ${String(ready)}, but:\n${text}`));
      });
    });
    clearTimeout(timer);
    return { text, milliseconds, end: () => end(qemu) };
  }

  /** Starts a guest that waits for a debugger. */
  startFrozen(image: string, sockets: GuestSockets): ChildProcess {
    return startProcess(this.path, this.arguments({ image }, sockets), ['ignore', 'ignore', 'inherit']);
  }

  private arguments(boot: Boot, sockets: GuestSockets): string[] {
    const { machine } = this.target;
    return guestArguments({ machine, accelerator: this.accelerator, memory: '64M', sockets, ...boot });
  }
}

/** A guest that can be started more than once. */
export class Guest {
  constructor(
    private readonly qemu: BareQemu,
    private readonly folder: string,
    private readonly boot: Boot,
  ) {}

  /** One of ours, as the product boots what was built. */
  static async of(artifact: Artifact, target: Target, folder: string, boot: Partial<Boot> = {}): Promise<Guest> {
    const files = await measureArchive(artifact.files, boot.memory ?? artifact.memory);
    return new Guest(await BareQemu.find(target), folder, { image: artifact.image, files, ...boot });
  }

  /** Starts it, and waits until it has printed what is looked for. */
  start(ready: RegExp): Promise<Running> {
    return this.qemu.start(this.boot, this.folder, ready);
  }

  /** Starts it with a port of this computer that leads to one of its own. */
  async serve(ready: RegExp, guestPort: number): Promise<Running & { readonly port: number }> {
    const port = await freePort();
    const network = { ports: [{ host: port, guest: guestPort, protocol: 'tcp' }] } as const;
    return { ...(await this.qemu.start({ ...this.boot, network }, this.folder, ready)), port };
  }
}

/** Starts a process that does not outlive this one. */
export function startProcess(program: string, args: readonly string[], stdio: StdioOptions): ChildProcess {
  const child = spawn(program, args, { stdio });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

/** Kills a process and waits until it is gone. */
export async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exited = once(process, 'exit');
  process.kill('SIGKILL');
  await exited;
}

const stubCompilers = {
  x86_64: { compiler: 'gcc', flags: ['-m64', '-Wl,-Ttext-segment=0x100000', '-Wl,-z,noseparate-code'] },
  aarch64: { compiler: 'aarch64-linux-gnu-gcc', flags: ['-Wl,-Ttext-segment=0x40200000'] },
};

/** Builds the smallest guest that prints a line; gives its image. */
export async function buildStub(architecture: Architecture, folder: string): Promise<string> {
  const image = join(folder, `stub-${architecture}`);
  const { compiler, flags } = stubCompilers[architecture];
  const source = join(__dirname, 'stub', `${architecture}.S`);
  const bare = ['-static', '-nostdlib', '-no-pie', '-s', '-Wl,-e,start', '-Wl,--build-id=none'];
  await promisify(execFile)(compiler, [...bare, ...flags, source, '-o', image]);
  return image;
}
