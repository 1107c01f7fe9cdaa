import type Docker from 'dockerode';
import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { connect } from '../../src/toolchain/docker/connection';
import type { Architecture } from '../../src/targets';
import type { Project } from './projects';

// The peer of a build: the same source as an ordinary static program for Linux, by the same compiler and C library.
// Prints the stripped programs' sizes. $1 is the source, the others are the architectures.
const script = `
source=$1
shift
cd "$(mktemp -d)"
printf %s "$source" >main.c
for architecture; do (
  gcc=$architecture-linux-gnu-gcc
  musl=/usr/lib/$architecture-linux-musl
  file() { "$gcc" -print-file-name="$1"; }
  "$gcc" -std=gnu11 -g -Os -fno-pie -ffunction-sections -fdata-sections -nostdinc \
    -isystem "/usr/include/$architecture-linux-musl" -isystem "$(file include)" -c -o "$architecture.o" main.c
  "$gcc" -static -no-pie -nostdlib -Wl,--gc-sections -o "$architecture.elf" "$musl/crt1.o" "$musl/crti.o" \
    "$(file crtbeginT.o)" "$architecture.o" -Wl,--start-group "$musl/libc.a" "$(file libgcc.a)" \
    "$(file libgcc_eh.a)" -Wl,--end-group "$(file crtend.o)" "$musl/crtn.o"
  "$architecture-linux-gnu-strip" -o "$architecture" "$architecture.elf"
  stat -c %s "$architecture"
) & done
wait`;

/** Runs programs in a project's container, or in another one of its image, without the product. */
export class BuildContainer {
  private constructor(
    private readonly docker: Docker,
    private readonly project: Project,
  ) {}

  static async of(project: Project): Promise<BuildContainer> {
    const { docker } = await connect(process.env, new AbortController().signal);
    return new BuildContainer(docker, project);
  }

  /** Builds main.c as a plain program in the project's warm container; gives the stripped programs' sizes. */
  async buildPlain(...architectures: Architecture[]): Promise<number[]> {
    const source = await readFile(this.project.mainFile, 'utf8');
    return parseSizes(await this.execute('sh', '-c', script, 'sh', source, ...architectures));
  }

  /** The same in a container of its own, which is made for it and removed. */
  async buildPlainAnew(image: string, ...architectures: Architecture[]): Promise<number[]> {
    const source = await readFile(this.project.mainFile, 'utf8');
    const output = new PassThrough({ encoding: 'utf8' });
    let printed = '';
    output.on('data', (text: string) => (printed += text));
    // Without a terminal the engine sends output and errors as two streams.
    const options = { HostConfig: { NetworkMode: 'none' }, Tty: false };
    const command = ['sh', '-c', script, 'sh', source, ...architectures];
    const [, container] = (await this.docker.run(image, command, [output, output], options)) as [
      unknown,
      Docker.Container,
    ];
    await container.remove();
    return parseSizes(printed);
  }

  /** The image that the project's container was made from. */
  async image(): Promise<string> {
    return (await (await this.container()).inspect()).Config.Image;
  }

  /** Runs a program to its end; gives what it printed. */
  async execute(...command: string[]): Promise<string> {
    const container = await this.container();
    const execution = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
    const stream = await execution.start({ hijack: true, stdin: false });
    const output = new PassThrough({ encoding: 'utf8' });
    let printed = '';
    output.on('data', (text: string) => (printed += text));
    this.docker.modem.demuxStream(stream, output, output);
    await new Promise((resolve, reject) => stream.once('end', resolve).once('error', reject));
    if ((await execution.inspect()).ExitCode !== 0) throw new Error(`${command[0] ?? ''} failed:\n${printed}`);
    return printed;
  }

  private async container(): Promise<Docker.Container> {
    const label = [`unikernel-tools.project=${this.project.folder}`];
    const [found] = await this.docker.listContainers({ filters: { label } });
    if (found === undefined) throw new Error(`${this.project.folder} has no build container.`);
    return this.docker.getContainer(found.Id);
  }
}

function parseSizes(printed: string): number[] {
  const sizes = printed.trim().split('\n').map(Number);
  if (sizes.some((size) => !(size > 0))) throw new Error(`The plain build failed:\n${printed}`);
  return sizes;
}
