import { cacheFolder } from '../folders';
import type { ContextFolders } from './context';
import type { Engine } from './engine';

export type { Builder, BuildInput, BuildRun, Engine, Toolchain } from './engine';
export { findToolchain, listToolchains, readToolchain } from './toolchain';

/** `auto` is the container engine that answers; the host's tools only where they are asked for. */
export type EngineSetting = 'auto' | 'docker' | 'host';

/** What engines take from outside. */
export interface EngineOptions extends ContextFolders {
  /** The image that toolchains begin with (default: debian:bookworm-slim). */
  readonly baseImage?: string;
  /** Where the host engine keeps its work (default: ~/.cache/unikernel-tools). */
  readonly cacheFolder?: string;
  /** Environment variables; UNIKERNEL_ENGINE decides what `auto` is (default: the process's). */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Opens the engine that builds run in; the code for it is loaded only then. */
export async function openEngine(setting: EngineSetting, options: EngineOptions, signal: AbortSignal): Promise<Engine> {
  const environment = options.environment ?? process.env;
  const asked = environment['UNIKERNEL_ENGINE'];
  if (setting === 'host' || (setting === 'auto' && asked === 'host')) {
    const { HostEngine } = await import('./host');
    return new HostEngine({ cacheFolder: cacheFolder(environment), ...options, environment });
  }
  const { openDockerEngine } = await import('./docker/engine');
  const { defaultBaseImage } = await import('./docker/image');
  return openDockerEngine({ ...options, environment, baseImage: options.baseImage ?? defaultBaseImage }, signal);
}
