import { Option, type Command } from 'commander';
import { findInstallation } from '../installation';
import { openEngine, type Engine, type EngineSetting } from '../toolchain';

/** The options of every command that builds. */
export interface EngineSelection {
  readonly engine: EngineSetting;
  readonly baseImage?: string;
}

/** Adds --engine and --base-image to a command. */
export function withEngineOptions(command: Command): Command {
  return command
    .addOption(new Option('--engine <engine>', 'where builds run').choices(['auto', 'docker', 'host']).default('auto'))
    .option('--base-image <image>', 'the image that toolchains begin with (default: debian:bookworm-slim)');
}

/** Opens the engine that the options name. */
export function selectEngine({ engine, baseImage }: EngineSelection, signal: AbortSignal): Promise<Engine> {
  const { toolchains, libraryOs } = findInstallation();
  return openEngine(engine, { toolchains, libraryOs, ...(baseImage === undefined ? {} : { baseImage }) }, signal);
}
