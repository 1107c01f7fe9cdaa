import type Docker from 'dockerode';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCancelled, messageOf, UnikernelError } from '../../errors';
import type { Architecture } from '../../targets';
import type { Builder, BuildInput, BuildRun } from '../engine';
import { builderEnded, engineFailed } from '../errors';
import { findChanges, manifestFileName, parseChecksums, parseManifest } from '../manifest';
import { packTar, safeDestination, unpackTar } from '../tar';

const workspace = '/workspace';
const programs = '/usr/lib/unikernel/bin';
/** The user that builds run as. */
const user = 1000;

/** A project's warm container. */
export class ContainerBuilder implements Builder {
  constructor(
    private readonly docker: Docker,
    private readonly container: Docker.Container,
  ) {}

  async synchronize(inputs: readonly BuildInput[], signal: AbortSignal): Promise<void> {
    await this.guard('sending the sources', async () => {
      const held = await this.execute(['cat', manifestFileName]);
      const { send, remove, manifest } = await findChanges(inputs, parseManifest(held.output.toString('utf8')));
      signal.throwIfAborted();
      if (send.length === 0 && remove.length === 0) return;
      if (remove.length > 0) await this.execute(['rm', '-f', '--', ...remove]);
      const files = [...send, { path: manifestFileName, bytes: Buffer.from(JSON.stringify(manifest)), mode: 0o644 }];
      const archive = await buffer(packTar([], files));
      // Not every connection can be closed in one direction, so the size says where the archive ends. Files count as
      // changed when they arrive, by the clock that the build goes by.
      const receive = ['sh', '-c', 'head -c "$1" | tar -x -m -f -', 'sh', String(archive.length)];
      const { exitCode, errors } = await this.execute(receive, { input: archive });
      if (exitCode !== 0) throw new Error(errors.toString('utf8'));
    });
    signal.throwIfAborted();
  }

  async run(architecture: Architecture, onOutput: (text: string) => void, signal: AbortSignal): Promise<BuildRun> {
    signal.throwIfAborted();
    const build = this.guard('running the build', () =>
      this.execute([`${programs}/unikernel-build`, architecture], { onOutput }),
    ).then(({ exitCode }) => exitCode);
    const cancel = new AbortController();
    const cancelled = new Promise<void>((resolve) => {
      const stop = (): void => void this.cancel(architecture, build).then(resolve, resolve);
      signal.addEventListener('abort', stop, { once: true, signal: cancel.signal });
    });
    try {
      const exitCode = await Promise.race([build, cancelled]);
      if (!signal.aborted && exitCode !== undefined) return { exitCode };
      await cancelled;
    } catch (error) {
      if (!signal.aborted) throw error;
      await cancelled;
    } finally {
      cancel.abort();
    }
    signal.throwIfAborted();
    throw builderEnded();
  }

  /** Ends a build: politely, and after 700 ms with its container. */
  private async cancel(architecture: Architecture, build: Promise<unknown>): Promise<void> {
    const polite = this.execute([`${programs}/unikernel-cancel`, architecture]);
    const ended = Promise.allSettled([build, polite]).then(() => true);
    if (!(await Promise.race([ended, sleep(700, false, { ref: false })]))) {
      await this.container.kill().catch(() => undefined);
    }
  }

  async fetch(architecture: Architecture, destination: string, signal: AbortSignal): Promise<void> {
    const present = await checksumsOf(destination);
    await this.guard('fetching the image', async () => {
      const { exitCode, output, errors } = await this.execute([
        `${programs}/unikernel-fetch`,
        architecture,
        ...present,
      ]);
      signal.throwIfAborted();
      if (exitCode !== 0) throw new Error(errors.toString('utf8'));
      await unpackTar(Readable.from([output]), destination);
    });
  }

  async remove(): Promise<void> {
    await this.container.remove({ force: true }).catch((error: unknown) => {
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw engineFailed('removing the build container', error);
    });
  }

  /** Runs a program in the container. With `onOutput`, both of its streams go there as text, and are not kept. */
  private async execute(
    command: string[],
    { input, onOutput }: { input?: Buffer; onOutput?: (text: string) => void } = {},
  ): Promise<{ exitCode: number; output: Buffer; errors: Buffer }> {
    const execution = await this.container.exec({
      Cmd: command,
      AttachStdin: input !== undefined,
      AttachStdout: true,
      AttachStderr: true,
      User: `${user}:${user}`,
      WorkingDir: workspace,
    });
    const stream = await execution.start({ hijack: true, stdin: input !== undefined });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    const text = new PassThrough({ encoding: 'utf8' }).on('data', (data: string) => onOutput?.(data));
    const [out, error] = onOutput === undefined ? [collector(output), collector(errors)] : [text, text];
    this.docker.modem.demuxStream(stream, out, error);
    if (input !== undefined) stream.write(input);
    await new Promise<void>((resolve, reject) => {
      stream.on('end', resolve).on('close', resolve).on('error', reject);
    });
    const { ExitCode: exitCode, Running: running } = await execution.inspect();
    // 137 is a killed process: the container's end, since nobody else kills a build.
    if (running || exitCode === null || exitCode === 137) throw builderEnded();
    return { exitCode, output: Buffer.concat(output), errors: Buffer.concat(errors) };
  }

  /** Says what we were doing when the engine failed. */
  private async guard<Result>(doing: string, action: () => Promise<Result>): Promise<Result> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof UnikernelError || isCancelled(error)) throw error;
      // The engine forgets a container that ended, and with it what ran in it.
      if (/no such (?:exec|container)|ECONNREFUSED|ENOENT|hang up|ECONNRESET|EPIPE/i.test(messageOf(error)))
        throw builderEnded();
      throw engineFailed(doing, error);
    }
  }
}

function collector(chunks: Buffer[]): Writable {
  return new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
}

/** The lines of SHA256SUMS for what a folder holds of the results. */
async function checksumsOf(folder: string): Promise<string[]> {
  const names = parseChecksums(await readFile(join(folder, 'SHA256SUMS'), 'utf8').catch(() => '')).keys();
  const lines = [...names].map(async (name) => {
    const bytes = await readFile(safeDestination(folder, name)).catch(() => Buffer.alloc(0));
    return `${createHash('sha256').update(bytes).digest('hex')}  ${name}`;
  });
  return Promise.all(lines);
}

/** The HTTP status that the engine answered with. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined;
}
