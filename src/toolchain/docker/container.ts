import type Docker from 'dockerode';
import { mkdir } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCancelled, messageOf, UnikernelError } from '../../errors';
import type { Architecture } from '../../targets';
import { parentFolders } from '../context';
import type { Builder, BuildInput, BuildRun } from '../engine';
import { builderEnded, engineFailed } from '../errors';
import { findChanges, hasContent, manifestFileName, parseChecksums, parseManifest } from '../manifest';
import { packTar, readSingleFile, safeDestination, unpackTar } from '../tar';

const workspace = '/workspace';
const programs = '/usr/lib/unikernel/bin';
/** The user that builds run as; the files that are sent in belong to it. */
const user = 1000;

/** A project's warm container. */
export class ContainerBuilder implements Builder {
  constructor(
    private readonly docker: Docker,
    private readonly container: Docker.Container,
    private readonly clockOffset: number,
  ) {}

  async synchronize(inputs: readonly BuildInput[], signal: AbortSignal): Promise<void> {
    const held = parseManifest((await this.readFile(manifestFileName))?.toString('utf8') ?? '{}');
    const { send, remove, manifest } = await findChanges(inputs, held);
    signal.throwIfAborted();
    if (send.length === 0 && remove.length === 0) return;
    await this.guard('sending the sources', async () => {
      if (remove.length > 0) await this.execute(['rm', '-f', '--', ...remove], () => undefined);
      const files = [
        ...send,
        { path: manifestFileName, bytes: Buffer.from(JSON.stringify(manifest)), mode: 0o644 },
      ].map((file) => ({ ...file, path: `workspace/${file.path}` }));
      const folders = [...new Set([...parentFolders(files.map(({ path }) => path)), 'workspace/build'])];
      const archive = packTar(folders, files, { owner: user, modified: Date.now() + this.clockOffset });
      await this.container.putArchive(archive, { path: '/' });
    });
    signal.throwIfAborted();
  }

  async run(architecture: Architecture, onOutput: (text: string) => void, signal: AbortSignal): Promise<BuildRun> {
    signal.throwIfAborted();
    const build = this.guard('running the build', () =>
      this.execute([`${programs}/unikernel-build`, architecture], onOutput),
    );
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
    const polite = this.execute([`${programs}/unikernel-cancel`, architecture], () => undefined);
    const ended = Promise.allSettled([build, polite]).then(() => true);
    if (!(await Promise.race([ended, sleep(700, false, { ref: false })]))) {
      await this.container.kill().catch(() => undefined);
    }
  }

  async fetch(architecture: Architecture, destination: string, signal: AbortSignal): Promise<void> {
    const out = `build/${architecture}/out`;
    const sums = parseChecksums((await this.readFile(`${out}/SHA256SUMS`))?.toString('utf8') ?? '');
    await mkdir(destination, { recursive: true });
    await Promise.all(
      [...sums].map(async ([name, hash]) => {
        if (await hasContent(safeDestination(destination, name), hash)) return;
        signal.throwIfAborted();
        await this.guard('fetching the image', async () => {
          const archive = await this.container.getArchive({ path: `${workspace}/${out}/${name}` });
          await unpackTar(archive, destination);
        });
      }),
    );
  }

  async remove(): Promise<void> {
    await this.container.remove({ force: true }).catch((error: unknown) => {
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw engineFailed('removing the build container', error);
    });
  }

  /** A file of the workspace; undefined where there is none. */
  private async readFile(path: string): Promise<Buffer | undefined> {
    try {
      return await readSingleFile(await this.container.getArchive({ path: `${workspace}/${path}` }));
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw engineFailed('reading from the build container', error);
    }
  }

  /** Runs a program in the container; its output and errors come in one stream. */
  private async execute(command: string[], onOutput: (text: string) => void): Promise<number> {
    const execution = await this.container.exec({
      Cmd: command,
      AttachStdout: true,
      AttachStderr: true,
      User: `${user}:${user}`,
      WorkingDir: workspace,
    });
    const stream = await execution.start({ hijack: true, stdin: false });
    const output = new PassThrough({ encoding: 'utf8' });
    output.on('data', onOutput);
    this.docker.modem.demuxStream(stream, output, output);
    await new Promise<void>((resolve, reject) => {
      stream.on('end', resolve).on('close', resolve).on('error', reject);
    });
    const { ExitCode: exitCode, Running: running } = await execution.inspect();
    // 137 is a killed process: the container's end, since nobody else kills a build.
    if (running || exitCode === null || exitCode === 137) throw builderEnded();
    return exitCode;
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

/** The HTTP status that the engine answered with. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined;
}
