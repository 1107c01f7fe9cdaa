import { execFile, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findAccelerator } from '../../src/qemu/accelerator';
import { guestArguments, type GuestSockets } from '../../src/qemu/commandLine';
import { locateQemu } from '../../src/qemu/find';
import type { Architecture, Target } from '../../src/targets';

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
    return (await this.line(image, folder)).milliseconds;
  }

  /** The first line on the guest's console, and when it was there. */
  async line(image: string, folder: string): Promise<{ readonly text: string; readonly milliseconds: number }> {
    const sockets = { qmp: join(folder, 'q'), serial: 'unused' };
    // The same command line, but the guest is not frozen and its console is on the standard streams.
    const args = this.arguments(image, sockets)
      .filter((word) => word !== '-S')
      .map((word) => (word.endsWith(',id=serial0') ? 'stdio,id=serial0' : word));
    const start = performance.now();
    const qemu = startProcess(this.path, args, ['ignore', 'pipe', 'inherit']);
    try {
      let text = '';
      for await (const data of qemu.stdout!) {
        text += String(data as Buffer);
        if (text.includes('\n')) return { text: text.split('\r')[0]!, milliseconds: performance.now() - start };
      }
    } finally {
      await end(qemu);
    }
    throw new Error(`${image} printed no line.`);
  }

  /** Starts a guest that waits for a debugger. */
  startFrozen(image: string, sockets: GuestSockets): ChildProcess {
    return startProcess(this.path, this.arguments(image, sockets), ['ignore', 'ignore', 'inherit']);
  }

  private arguments(image: string, sockets: GuestSockets): string[] {
    const { machine } = this.target;
    return guestArguments({ machine, accelerator: this.accelerator, image, memory: '64M', sockets });
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
