import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCancelled, messageOf } from '../src/errors';
import { connect } from '../src/toolchain/docker/connection';
import { defaultBaseImage } from '../src/toolchain/docker/image';
import { localBaseImage } from '../src/toolchain/errors';

// A container engine for set-up, tests and the demo on a machine where none runs.

const say = (text: string): void => {
  console.log(`engine: ${text}`);
};

/** An engine that answers: DOCKER_HOST says where. stop() ends it if it was started here. */
interface RunningEngine {
  readonly description: string;
  stop(): Promise<void>;
}

/**
 * Runs something where builds can run: with a container engine and an image to begin with, started here if need be and
 * ended afterwards; where there can be none, with the tools of this machine.
 */
export async function withEngine<Result>(run: () => Promise<Result>): Promise<Result> {
  const engine = await startEngineOrGoWithout();
  try {
    return await run();
  } finally {
    await engine?.stop();
  }
}

async function startEngineOrGoWithout(): Promise<RunningEngine | undefined> {
  if (process.env['UNIKERNEL_ENGINE'] === 'host') return undefined;
  let engine: RunningEngine | undefined;
  try {
    engine = await startEngine();
    await ensureBaseImage();
    return engine;
  } catch (error) {
    await engine?.stop();
    say(`no container engine can be used here: ${messageOf(error)}`);
    say('building with the tools of this machine instead (UNIKERNEL_ENGINE=host)');
    process.env['UNIKERNEL_ENGINE'] = 'host';
    spawnSync('node', ['scripts/setup.mjs', 'host'], { stdio: 'inherit', cwd: join(__dirname, '..') });
    return undefined;
  }
}

/** Finds an engine that answers, or as root starts dockerd with everything of its own below a private folder. */
async function startEngine(): Promise<RunningEngine> {
  const present = await tryConnect();
  if (present !== undefined) return { description: present, stop: () => Promise.resolve() };
  if (process.getuid?.() !== 0) throw new Error('No container engine answers, and only root can start one.');
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'unikernel-tools', 'engine');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A socket's path may have 107 bytes, and a private folder keeps others from it.
  const runtime = mkdtempSync(join(tmpdir(), 'unikernel-engine-'));
  const address = `unix://${join(runtime, 'docker.sock')}`;
  const logFile = join(folder, 'dockerd.log');
  const log = await open(logFile, 'w');
  const options = ['--data-root', join(folder, 'data'), '--exec-root', join(runtime, 'exec')];
  options.push('--pidfile', join(runtime, 'dockerd.pid'), '-H', address);
  say(`starting dockerd (log: ${logFile})`);
  const daemon = spawn('dockerd', options, { stdio: ['ignore', log.fd, log.fd], detached: true });
  await log.close();
  const previous = process.env['DOCKER_HOST'];
  process.env['DOCKER_HOST'] = address;
  const kill = (): void => void daemon.kill('SIGTERM');
  const interrupt = (signal: string): void => {
    // Whoever else listens ends in order, and stops the engine last.
    if (process.listenerCount(signal) > 0) return;
    kill();
    process.exit(130);
  };
  process.once('exit', kill).once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const stop = async (): Promise<void> => {
    process.off('exit', kill).off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await end(daemon);
    if (previous === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = previous;
    await rm(runtime, { recursive: true, force: true }).catch(() => undefined);
    say('stopped dockerd');
  };
  try {
    return { description: await waitUntilReady(daemon, logFile), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function waitUntilReady(daemon: ChildProcess, logFile: string): Promise<string> {
  const failure = new Promise<never>((_, reject) => {
    daemon.once('error', reject);
    daemon.once('exit', () => {
      reject(new Error(`dockerd ended:\n${readFileSync(logFile, 'utf8').split('\n').slice(-6).join('\n')}`));
    });
  });
  failure.catch(() => undefined);
  for (let tries = 0; tries < 150; tries += 1) {
    const description = await Promise.race([tryConnect(), failure]);
    if (description !== undefined) return description;
    await Promise.race([sleep(200), failure]);
  }
  throw new Error(`dockerd does not answer after 30 s: see ${logFile}`);
}

async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGTERM');
  await Promise.race([ended, sleep(20_000, undefined, { ref: false })]);
  daemon.kill('SIGKILL');
}

async function tryConnect(): Promise<string | undefined> {
  try {
    return (await connect(process.env, new AbortController().signal)).description;
  } catch (error) {
    if (isCancelled(error)) throw error;
    return undefined;
  }
}

/** Makes sure that toolchains have an image to begin with: pulls it, or makes one with debootstrap. */
async function ensureBaseImage(): Promise<void> {
  const { docker } = await connect(process.env, new AbortController().signal);
  for (const name of [defaultBaseImage, localBaseImage]) {
    if ((await docker.listImages({ filters: { reference: [name] } })).length > 0) return;
  }
  try {
    say(`pulling ${defaultBaseImage}`);
    const stream: NodeJS.ReadableStream = await docker.pull(defaultBaseImage);
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(stream, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    return;
  } catch (error) {
    say(`cannot pull it (${messageOf(error)}); making ${localBaseImage} with debootstrap`);
  }
  const root = mkdtempSync(join(tmpdir(), 'unikernel-base-'));
  try {
    await run('debootstrap', ['--variant=minbase', 'bookworm', root, findMirror()]);
    const tar = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const load = spawn('docker', ['import', '-', localBaseImage], { stdio: ['pipe', 'ignore', 'inherit'] });
    const loaded = new Promise<void>((resolve, reject) => {
      load.once('error', reject).once('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`docker import ended with ${String(code)}`));
      });
    });
    await Promise.all([pipeline(tar.stdout, load.stdin), loaded]);
    say(`made ${localBaseImage}`);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** The Debian mirror that this machine's apt uses. */
function findMirror(): string {
  const folder = '/etc/apt/sources.list.d';
  const names = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  for (const file of ['/etc/apt/sources.list', ...names].filter((name) => existsSync(name))) {
    const match = /^(?:deb (?:\[[^\]]*\] )?|URIs: *)((?:https?|file):\/\/\S+)/m.exec(readFileSync(file, 'utf8'));
    if (match?.[1] !== undefined) return match[1];
  }
  throw new Error('No Debian mirror is set up in /etc/apt.');
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = `${output}${text}`.slice(-4000)));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}:\n${output}`);
}
