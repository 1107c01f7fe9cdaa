import Docker from 'dockerode';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { messageOf } from '../../errors';
import { noEngine } from '../errors';

/** A place where a container engine may listen. */
export interface Candidate {
  /** For people: the address and where it was read. */
  readonly description: string;
  readonly options: Docker.DockerOptions;
}

/** A container engine that answered. */
export interface Connection {
  readonly docker: Docker;
  readonly description: string;
}

/** Finds an engine that answers, in the order in which the docker program looks; an error that lists what was tried. */
export async function connect(environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Connection> {
  const tried: { description: string; why: string }[] = [];
  for (const { description, options } of listCandidates(environment)) {
    signal.throwIfAborted();
    if (options.socketPath !== undefined && process.platform !== 'win32' && !existsSync(options.socketPath)) {
      tried.push({ description, why: 'no such socket' });
      continue;
    }
    try {
      // What we leave out, dockerode would take from DOCKER_HOST.
      const docker = new Docker({ host: '', ...options });
      const { Version: version } = await Promise.race([docker.version(), timeout(10_000)]);
      return { docker, description: `docker ${version} at ${description}` };
    } catch (error) {
      tried.push({ description, why: messageOf(error) || 'does not answer' });
    }
  }
  throw noEngine(tried);
}

/** Rejects after that many milliseconds; a socket may accept and then never answer. */
async function timeout(milliseconds: number): Promise<never> {
  await sleep(milliseconds, undefined, { ref: false });
  throw new Error('does not answer');
}

/** The places to look at. DOCKER_HOST and a chosen docker context stand alone: who sets one means that engine. */
export function listCandidates(environment: NodeJS.ProcessEnv): Candidate[] {
  const host = environment['DOCKER_HOST'];
  if (host) {
    const tls = environment['DOCKER_CERT_PATH'];
    const useTls = environment['DOCKER_TLS_VERIFY'] === '1' && tls !== undefined;
    return [{ description: `${host} (DOCKER_HOST)`, options: parseHost(host, useTls ? tls : undefined, environment) }];
  }
  const context = readContextCandidate(environment);
  if (context !== undefined) return [context];
  const home = environment['HOME'] ?? homedir();
  const runtime = environment['XDG_RUNTIME_DIR'];
  const sockets =
    process.platform === 'win32'
      ? ['//./pipe/docker_engine', '//./pipe/podman-machine-default']
      : [
          '/var/run/docker.sock',
          ...(runtime ? [join(runtime, 'docker.sock')] : []),
          join(home, '.docker/run/docker.sock'),
          join(home, '.docker/desktop/docker.sock'),
          ...(runtime ? [join(runtime, 'podman/podman.sock')] : []),
          '/run/podman/podman.sock',
          join(home, '.local/share/containers/podman/machine/podman.sock'),
        ];
  return sockets.map((socketPath) => ({ description: `unix://${socketPath}`, options: { socketPath } }));
}

/** What an address such as unix:///run/docker.sock or tcp://machine:2376 says. */
function parseHost(host: string, tlsFolder: string | undefined, environment: NodeJS.ProcessEnv): Docker.DockerOptions {
  const local = /^(?:unix|npipe):\/\/(.+)$/.exec(host);
  if (local) return { socketPath: local[1] ?? '/var/run/docker.sock' };
  const url = new URL(host.includes('://') ? host : `tcp://${host}`);
  if (url.protocol === 'ssh:') {
    const agent = environment['SSH_AUTH_SOCK'];
    return {
      protocol: 'ssh',
      host: url.hostname,
      port: url.port || 22,
      ...(url.username && { username: url.username }),
      ...(agent && { sshOptions: { agent } }),
    };
  }
  const secure = tlsFolder !== undefined || url.protocol === 'https:';
  return {
    protocol: secure ? 'https' : 'http',
    host: url.hostname,
    port: url.port || (secure ? 2376 : 2375),
    ...(tlsFolder !== undefined && readTls(tlsFolder)),
  };
}

function readTls(folder: string): Docker.DockerOptions {
  const files = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' };
  return Object.fromEntries(
    Object.entries(files)
      .map(([name, file]) => [name, join(folder, file)] as const)
      .filter(([, path]) => existsSync(path))
      .map(([name, path]) => [name, readFileSync(path)]),
  );
}

const configSchema = z.object({ currentContext: z.string().optional() });
const contextSchema = z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) });

/** The docker context in use, if it is not the default (docker's documentation, "Docker contexts"). */
function readContextCandidate(environment: NodeJS.ProcessEnv): Candidate | undefined {
  const folder = environment['DOCKER_CONFIG'] ?? join(environment['HOME'] ?? homedir(), '.docker');
  const file = join(folder, 'config.json');
  try {
    const name =
      environment['DOCKER_CONTEXT'] ??
      (existsSync(file) ? configSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).currentContext : undefined);
    if (!name || name === 'default') return undefined;
    const id = createHash('sha256').update(name).digest('hex');
    const meta: unknown = JSON.parse(readFileSync(join(folder, 'contexts/meta', id, 'meta.json'), 'utf8'));
    const { Host: host } = contextSchema.parse(meta).Endpoints.docker;
    const tls = join(folder, 'contexts/tls', id, 'docker');
    return {
      description: `${host} (docker context ${name})`,
      options: parseHost(host, existsSync(tls) ? tls : undefined, environment),
    };
  } catch (error) {
    throw noEngine([{ description: `the docker context that ${file} names`, why: messageOf(error) }]);
  }
}
