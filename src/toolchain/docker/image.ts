import type Docker from 'dockerode';
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import * as z from 'zod';
import type { Progress } from '../../progress';
import type { ContextFolders } from '../context';
import { parentFolders, readCertificates, readContext } from '../context';
import type { Toolchain } from '../engine';
import { localBaseImage, noBaseImage, toolchainFailed } from '../errors';
import { packTar } from '../tar';

export const defaultBaseImage = 'debian:bookworm-slim';

/** What toolchain images are built from. */
export interface ImageOptions extends ContextFolders {
  /** The image that toolchains begin with. */
  readonly baseImage: string;
  /** Where proxy settings and the certificate bundle are read from. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Builds the toolchain's image unless the engine has it; returns its name. Several minutes on first use. */
export async function ensureImage(
  docker: Docker,
  toolchain: Toolchain,
  options: ImageOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const context = await readContext(toolchain, options);
  const hash = createHash('sha256').update(`${context.hash}\n${options.baseImage}\n`).digest('hex');
  const name = `unikernel-tools/${toolchain.id}:${hash.slice(0, 12)}`;
  if (await hasImage(docker, name)) return name;
  const base = await findBaseImage(docker, options.baseImage, progress, signal);
  progress({ message: `Building the ${toolchain.title} toolchain (only the first time)`, fraction: 0 });
  const files = [...context.files, ...(await readCertificates(options.environment))];
  const folders = [...new Set([...parentFolders(files.map(({ path }) => path)), 'certificates'])].sort();
  const proxies = readProxies(options.environment);
  const stream = await docker.buildImage(packTar(folders, files), {
    t: name,
    dockerfile: 'toolchain/Dockerfile',
    buildargs: { BASE_IMAGE: base, ...proxies },
    labels: { 'unikernel-tools.toolchain': toolchain.id },
    forcerm: true,
    // A proxy on this machine's loopback is only reached from its own network.
    ...(Object.values(proxies).some(isLoopback) && { networkmode: 'host' }),
    abortSignal: signal,
  });
  await followBuild(stream, toolchain.title, progress, signal);
  await removeOldImages(docker, toolchain, name);
  return name;
}

/** Milliseconds after which another image of a toolchain is taken for superseded, and not for that of another version of ours. */
const oldAfter = 14 * 24 * 3600 * 1000;

/** Removes the toolchain's images that newer ones have replaced; the engine keeps those that a container still uses. */
async function removeOldImages(docker: Docker, toolchain: Toolchain, current: string): Promise<void> {
  const images = await docker.listImages({ filters: { label: [`unikernel-tools.toolchain=${toolchain.id}`] } });
  const old = images.filter(
    ({ Created: seconds, RepoTags: tags }) =>
      Date.now() - seconds * 1000 > oldAfter && tags?.includes(current) !== true,
  );
  await Promise.all(
    old.map(({ Id: id }) =>
      docker
        .getImage(id)
        .remove()
        .catch(() => undefined),
    ),
  );
}

async function hasImage(docker: Docker, name: string): Promise<boolean> {
  const images = await docker.listImages({ filters: { reference: [name] } });
  return images.length > 0;
}

/** The base image if it is here or can be pulled, else the one that was made by hand. */
async function findBaseImage(docker: Docker, name: string, progress: Progress, signal: AbortSignal): Promise<string> {
  if (await hasImage(docker, name)) return name;
  progress({ message: `Pulling ${name}` });
  try {
    const stream: unknown = await docker.pull(name, { abortSignal: signal });
    if (stream instanceof Readable)
      for await (const line of readLines(stream, signal)) if (line.error) throw new Error(line.error);
    return name;
  } catch (error) {
    signal.throwIfAborted();
    if (await hasImage(docker, localBaseImage)) return localBaseImage;
    throw noBaseImage(name, error);
  }
}

async function followBuild(stream: unknown, title: string, progress: Progress, signal: AbortSignal): Promise<void> {
  if (!(stream instanceof Readable)) throw new TypeError('docker gave no output of the build');
  let output = '';
  for await (const line of readLines(stream, signal)) {
    if (line.error !== undefined) throw toolchainFailed(title, `${output}${line.error}`);
    output = `${output}${line.stream ?? ''}`.slice(-100_000);
    const step = /^Step (\d+)\/(\d+) ?: (.*)/i.exec(line.stream ?? '');
    if (step === null) continue;
    const [, number, total, instruction = ''] = step;
    const fraction = (Number(number) - 1) / Number(total);
    progress({ message: `Building the ${title} toolchain: ${instruction.slice(0, 60)}`, fraction });
  }
}

const lineSchema = z.object({ stream: z.string().optional(), error: z.string().optional() });

/** The engine's progress: one JSON object a line. An abort closes the connection, which stops what the engine does. */
async function* readLines(stream: Readable, signal: AbortSignal): AsyncGenerator<z.output<typeof lineSchema>> {
  const stop = (): void => void stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const line of createInterface({ input: stream })) {
      if (line.trim() !== '') yield lineSchema.parse(JSON.parse(line));
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
}

const proxyNames = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'all_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

function readProxies(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    proxyNames.flatMap((name) => {
      const value = environment[name];
      return value ? [[name, value] as const] : [];
    }),
  );
}

function isLoopback(proxy: string): boolean {
  return /^[a-z0-9]+:\/\/(?:[^@/]*@)?(?:localhost|127\.|\[::1\])/.test(proxy);
}
