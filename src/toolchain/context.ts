import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, dirname } from 'node:path';
import { glob } from 'tinyglobby';
import type { Toolchain } from './engine';
import type { TarFile } from './tar';

/** Where the parts of a toolchain's build context lie on this machine. */
export interface ContextFolders {
  /** The folder toolchains/. */
  readonly toolchains: string;
  /** The folder libos/. */
  readonly libraryOs: string;
}

/** What an image or a host prefix is built from, and the hash of it. */
export interface Context {
  readonly files: readonly TarFile[];
  /** SHA-256 of every path and content, in hexadecimal. */
  readonly hash: string;
}

/** Collects toolchain/, shared/ and libos/ as toolchains/README.md says. */
export async function readContext(toolchain: Toolchain, { toolchains, libraryOs }: ContextFolders): Promise<Context> {
  const parts = await Promise.all([
    readFolder(toolchain.folder, 'toolchain'),
    readFolder(join(toolchains, 'shared'), 'shared'),
    readFolder(libraryOs, 'libos'),
  ]);
  const files = parts.flat();
  const hash = createHash('sha256');
  for (const { path, bytes } of files) {
    hash.update(`${path}\0${createHash('sha256').update(bytes).digest('hex')}\n`);
  }
  return { files, hash: hash.digest('hex') };
}

async function readFolder(folder: string, prefix: string): Promise<TarFile[]> {
  const paths = (
    await glob('**/*', { cwd: folder, dot: true, followSymbolicLinks: false, expandDirectories: false })
  ).sort();
  return Promise.all(
    paths.map(async (path) => {
      const bytes = await readFile(join(folder, path));
      // Not every file system and package keeps modes: what begins like a script is one.
      const mode = bytes.subarray(0, 2).toString('latin1') === '#!' ? 0o755 : 0o644;
      return { path: `${prefix}/${path}`, bytes, mode };
    }),
  );
}

/** Where systems keep their certificate authorities (OpenSSL's SSL_CERT_FILE, Debian, Fedora, Alpine and macOS). */
const certificateBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

/** This machine's certificate authorities as a context file; none where there is no bundle. */
export async function readCertificates(environment: NodeJS.ProcessEnv): Promise<TarFile[]> {
  const given = environment['SSL_CERT_FILE'];
  for (const path of given === undefined ? certificateBundles : [given, ...certificateBundles]) {
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes !== undefined) return [{ path: 'certificates/ca-certificates.crt', bytes, mode: 0o644 }];
  }
  return [];
}

/** Every folder above the paths, outermost first. */
export function parentFolders(paths: Iterable<string>): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(path); folder !== '.' && folder !== '/'; folder = dirname(folder)) folders.add(folder);
  }
  return [...folders].sort();
}
