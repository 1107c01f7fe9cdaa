import { createHash, randomUUID } from 'node:crypto';
import { access, copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UnikernelError } from '../errors';
import type { Progress } from '../progress';
import type { Architecture } from '../targets';
import type { ContextFolders } from './context';
import { readContext } from './context';
import type { Builder, BuildInput, BuildRun, Engine, Toolchain } from './engine';
import { missingPackages, toolchainFailed } from './errors';
import { findChanges, hasContent, manifestFileName, parseChecksums, parseManifest } from './manifest';
import { safeDestination, writeWhole } from './tar';

/** Where the host engine takes its parts from and keeps its work. */
export interface HostOptions extends ContextFolders {
  /** A folder of ours, such as ~/.cache/unikernel-tools. */
  readonly cacheFolder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Builds with the tools of this machine: for a dev container or CI that already is one. */
export class HostEngine implements Engine {
  readonly id = 'host';
  readonly description = 'the tools of this machine';

  constructor(private readonly options: HostOptions) {}

  async open(toolchain: Toolchain, projectFolder: string, progress: Progress, signal: AbortSignal): Promise<Builder> {
    await this.checkTools(toolchain);
    const prefix = await this.install(toolchain, progress, signal);
    const workspace = join(this.projectFolder(projectFolder), toolchain.id);
    await mkdir(join(workspace, 'build'), { recursive: true });
    return new FolderBuilder(workspace, {
      ...this.options.environment,
      UNIKERNEL_PREFIX: prefix,
      UNIKERNEL_WORKSPACE: workspace,
    });
  }

  async close(projectFolder: string): Promise<void> {
    await rm(this.projectFolder(projectFolder), { recursive: true, force: true });
  }

  private projectFolder(projectFolder: string): string {
    const key = createHash('sha256').update(projectFolder).digest('hex').slice(0, 12);
    return join(this.options.cacheFolder, 'host', 'projects', key);
  }

  /** Checks the packages where dpkg knows them; elsewhere the build itself says what it lacks. */
  private async checkTools({ hostPackages }: Toolchain): Promise<void> {
    const { execa } = await import('execa');
    const queries = await Promise.all(
      hostPackages.map(async (name) => {
        const { failed, code, stdout } = await execa('dpkg-query', ['-W', '-f', '${db:Status-Status}\n', name], {
          reject: false,
        });
        return { name, missing: code !== 'ENOENT' && (failed || !stdout.split('\n').includes('installed')) };
      }),
    );
    const missing = queries.filter((query) => query.missing).map(({ name }) => name);
    if (missing.length > 0) throw missingPackages(missing);
  }

  /** Runs shared/install once for each content of the toolchain; returns the prefix. */
  private async install(toolchain: Toolchain, progress: Progress, signal: AbortSignal): Promise<string> {
    const context = await readContext(toolchain, this.options);
    const parent = join(this.options.cacheFolder, 'host', 'toolchains');
    const prefix = join(parent, `${toolchain.id}-${context.hash.slice(0, 12)}`);
    if (await exists(prefix)) return prefix;
    progress({ message: `Making the ${toolchain.title} toolchain ready (only the first time)` });
    const { execa } = await import('execa');
    // Another process may do the same now: each makes its own, and the first that is done gives it the name.
    const staging = join(parent, `.${randomUUID()}`);
    const made = join(staging, 'prefix');
    try {
      for (const { path, bytes, mode } of context.files) await writeWhole(join(staging, path), bytes, mode);
      const { exitCode, all } = await execa(join(staging, 'shared', 'install'), [], {
        cwd: staging,
        env: { ...this.options.environment, UNIKERNEL_PREFIX: made },
        all: true,
        reject: false,
        cancelSignal: signal,
      });
      signal.throwIfAborted();
      if (exitCode !== 0) throw toolchainFailed(toolchain.title, all);
      await rename(made, prefix).catch(async (error: unknown) => {
        if (!(await exists(prefix))) throw error;
      });
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
    return prefix;
  }
}

/** A project's workspace in the cache folder. */
class FolderBuilder implements Builder {
  constructor(
    private readonly workspace: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  async synchronize(inputs: readonly BuildInput[], signal: AbortSignal): Promise<void> {
    const file = join(this.workspace, manifestFileName);
    const held = parseManifest(await readFile(file, 'utf8').catch(() => '{}'));
    const { send, remove, manifest } = await findChanges(inputs, held);
    signal.throwIfAborted();
    for (const path of remove) await rm(safeDestination(this.workspace, path), { force: true });
    for (const { path, bytes } of send) await writeWhole(safeDestination(this.workspace, path), bytes);
    if (send.length > 0 || remove.length > 0) await writeWhole(file, Buffer.from(JSON.stringify(manifest)));
  }

  async run(architecture: Architecture, onOutput: (text: string) => void, signal: AbortSignal): Promise<BuildRun> {
    const { execa } = await import('execa');
    signal.throwIfAborted();
    const build = execa(this.program('unikernel-build'), [architecture], {
      cwd: this.workspace,
      env: this.environment,
      all: true,
      buffer: false,
      reject: false,
    });
    build.all.setEncoding('utf8').on('data', onOutput);
    const cancel = (): void => {
      const options = { env: this.environment, reject: false };
      void execa(this.program('unikernel-cancel'), [architecture], options).finally(() => {
        setTimeout(() => build.kill('SIGKILL'), 700).unref();
      });
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const { exitCode, failed, originalMessage } = await build;
      signal.throwIfAborted();
      if (exitCode !== undefined) return { exitCode };
      throw failed ? toolchainFailed('host', originalMessage ?? '') : toolchainFailed('host', '');
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof UnikernelError ? error : toolchainFailed('host', messageOf(error));
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async fetch(architecture: Architecture, destination: string, signal: AbortSignal): Promise<void> {
    const out = join(this.workspace, 'build', architecture, 'out');
    const sums = parseChecksums(await readFile(join(out, 'SHA256SUMS'), 'utf8').catch(() => ''));
    await mkdir(destination, { recursive: true });
    for (const [name, hash] of sums) {
      signal.throwIfAborted();
      const target = safeDestination(destination, name);
      if (await hasContent(target, hash)) continue;
      const temporary = join(destination, `.${randomUUID()}`);
      await copyFile(safeDestination(out, name), temporary);
      await rename(temporary, target);
    }
  }

  async remove(): Promise<void> {
    await rm(this.workspace, { recursive: true, force: true });
  }

  private program(name: string): string {
    return join(this.environment['UNIKERNEL_PREFIX'] ?? '', 'bin', name);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
