import { messageOf, UnikernelError } from '../errors';

const startEngine = 'Start Docker or Podman, or set DOCKER_HOST to where it listens.';

/** No container engine answers. */
export function noEngine(tried: readonly { readonly description: string; readonly why: string }[]): UnikernelError {
  const list = tried.map(({ description, why }) => `  ${description}: ${why}`).join('\n');
  return new UnikernelError('engine.missing', 'No container engine answers.', `Tried:\n${list}`, {
    text: `${startEngine} On a Debian machine with the compilers installed, the "host" engine builds without one.`,
  });
}

/** The engine answered before and does not any more, or refuses what it is asked. */
export function engineFailed(doing: string, cause: unknown): UnikernelError {
  return new UnikernelError(
    'engine.failed',
    `The container engine failed while ${doing}.`,
    messageOf(cause),
    {
      text: `Check that the engine is still running. ${startEngine}`,
    },
    { cause },
  );
}

/** The build container ended while something was running in it. */
export function builderEnded(): UnikernelError {
  return new UnikernelError(
    'engine.stopped',
    'The build was cut off.',
    'The container engine or the build container stopped while the build was running.',
    { text: `Build again. ${startEngine}` },
  );
}

/** The image that toolchains begin with is neither here nor to be had. */
export function noBaseImage(name: string, cause: unknown): UnikernelError {
  return new UnikernelError(
    'toolchain.base',
    `The image ${name}, which toolchains are built on, is not here and cannot be pulled.`,
    messageOf(cause),
    { text: `Connect to a registry, or load the image by hand: docker load, or docker import as ${localBaseImage}.` },
  );
}

/** The name under which a base image made by hand is found. */
export const localBaseImage = 'unikernel-tools/debian:bookworm';

/** Building the toolchain failed. */
export function toolchainFailed(title: string, output: string): UnikernelError {
  const last = output.trimEnd().split('\n').slice(-15).join('\n');
  return new UnikernelError('toolchain.build', `The ${title} toolchain could not be built.`, last, {
    text: 'Check that the engine reaches the package mirrors (proxy settings are taken from the environment), then build again.',
  });
}

/** The `host` engine lacks Debian packages; a package of another architecture is written as apt does, `musl-dev:arm64`. */
export function missingPackages(packages: readonly string[]): UnikernelError {
  const install = `sudo apt-get install ${packages.join(' ')}`;
  const foreign = new Set(packages.flatMap((name) => (name.includes(':') ? [name.replace(/^.*:/, '')] : [])));
  const add = [...foreign].map((architecture) => `sudo dpkg --add-architecture ${architecture} && `).join('');
  return new UnikernelError(
    'host.packages',
    'This machine lacks packages that the "host" engine needs.',
    `Not installed: ${packages.join(', ')}.`,
    { text: `Run: ${add}${add === '' ? '' : 'sudo apt-get update && '}${install}` },
  );
}

/** unikernel.json names a language that has no toolchain. */
export function unknownLanguage(language: string, known: readonly string[]): UnikernelError {
  return new UnikernelError(
    'toolchain.unknown',
    `No toolchain builds the language "${language}".`,
    `Known languages: ${known.join(', ')}.`,
    { text: 'Change "language" in unikernel.json.' },
  );
}

/** A toolchain's description is damaged. */
export function badToolchain(folder: string, cause: unknown): UnikernelError {
  return new UnikernelError('toolchain.damaged', `The toolchain in ${folder} cannot be used.`, messageOf(cause), {
    text: 'Reinstall Unikernel Tools.',
  });
}

/** An archive from a builder holds a path that would leave the folder it is unpacked in. */
export function unsafePath(path: string): UnikernelError {
  return new UnikernelError(
    'archive.unsafe',
    'The build handed out an archive that was refused.',
    `It holds ${JSON.stringify(path)}, which lies outside of the folder it is unpacked in.`,
    { text: 'Remove the build container (Clean) and build again.' },
  );
}
