import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { relative } from 'node:path';
import { findGdb } from './find';

/** Where the program of a crash report is described. */
export interface SymbolSource {
  readonly architecture: 'x86_64' | 'aarch64';
  readonly gdbPath?: string | undefined;
  /** The ELF with symbols and DWARF. */
  readonly symbols: string;
  readonly sourceMap: Readonly<Record<string, string>>;
  /** Files below it are shown relative to it. */
  readonly folder: string | undefined;
}

const frame = /^\s*#\d+ (0x[0-9a-f]+)\s*$/;

/** Adds function, file and line to the addresses of a guest's crash report (libos/kernel/crash.c). */
export async function symbolise(report: Buffer, source: SymbolSource): Promise<Buffer> {
  const lines = await annotate(report.toString('utf8').split('\n'), source);
  return Buffer.from(lines.join('\n'));
}

async function annotate(lines: readonly string[], source: SymbolSource): Promise<string[]> {
  const addresses = lines.flatMap((line) => frame.exec(line)?.[1] ?? []);
  const places = await describe(addresses, source).catch(() => new Map<string, string>());
  return lines.map((line) => {
    const place = places.get(frame.exec(line)?.[1] ?? '');
    return place === undefined ? line : `${line.trimEnd()} ${place}\r`;
  });
}

/** Asks gdb for each address; `info line` prints `Line 3 of "/project/a.c" starts at address 0x… <main+4> …`. */
async function describe(addresses: readonly string[], source: SymbolSource): Promise<Map<string, string>> {
  // All but the first are return addresses: the call is the instruction before.
  const questions = addresses.flatMap((address, index) => [
    ...['-ex', `echo @${address}\\n`],
    ...['-ex', `info line *(${address}${index === 0 ? '' : ' - 1'})`],
  ]);
  const { path } = await findGdb(source.architecture, source.gdbPath, AbortSignal.timeout(20_000));
  const { stdout } = await promisify(execFile)(path, ['-nx', '-batch', source.symbols, ...questions], {
    timeout: 10_000,
  });
  const places = new Map<string, string>();
  for (const answer of stdout.split('@').slice(1)) {
    const address = answer.slice(0, answer.indexOf('\n'));
    const name = /<([^+>]+)/.exec(answer)?.[1];
    const place = /Line (\d+) of "([^"]+)"/.exec(answer);
    if (name === undefined) continue;
    const file = place?.[2] === undefined ? '' : ` at ${localPath(place[2], source)}:${place[1] ?? ''}`;
    places.set(address, `in ${name}${file}`);
  }
  return places;
}

function localPath(path: string, { sourceMap, folder }: SymbolSource): string {
  const mapped = Object.entries(sourceMap).find(([from]) => path.startsWith(`${from}/`));
  const local = mapped === undefined ? path : mapped[1] + path.slice(mapped[0].length);
  return folder !== undefined && local.startsWith(`${folder}/`) ? relative(folder, local) : local;
}
