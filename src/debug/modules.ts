import type { DebugProtocol } from '@vscode/debugprotocol';
import { basename } from 'node:path';
import type { Gdb } from '../gdb/gdb';
import { list } from '../gdb/mi/record';
import { hexadecimal } from './addresses';
import { consoleOutput } from '../gdb/console';
import type { Handlers } from './requests';

/** The request for the images that the program consists of. */
export const moduleHandlers = {
  modules: async ({ modules }, { startModule = 0, moduleCount = 0 }) => {
    const all = await modules.all();
    const end = moduleCount === 0 ? undefined : startModule + moduleCount;
    return { modules: all.slice(startModule, end), totalModules: all.length };
  },
} satisfies Handlers;

/** A file that gdb takes symbols from, and the addresses of what it has in memory. */
interface SymbolFile {
  readonly path: string;
  readonly start: bigint;
  readonly end: bigint;
}

/** The images in the guest's memory: nearly always one. */
export class Modules {
  private files: Promise<SymbolFile[]> | undefined;

  constructor(
    private readonly gdb: Gdb,
    /** What boots; undefined when attached. */
    private readonly image: string | undefined,
  ) {}

  /** All of them, the one that boots first. */
  async all(): Promise<DebugProtocol.Module[]> {
    const { files: sources } = await this.gdb.send('file-list-exec-source-files', [], 60_000);
    const hasLines = list(sources).length > 0;
    return (await this.symbolFiles()).map(({ path, start, end }, id) => ({
      id,
      name: basename(path),
      path: (id === 0 ? this.image : undefined) ?? path,
      symbolFilePath: path,
      symbolStatus: hasLines ? 'Symbols and source lines' : 'No source lines',
      addressRange: `${hexadecimal(start)}-${hexadecimal(end)}`,
    }));
  }

  /** Which of them an address lies in. */
  async idAt(addresses: readonly bigint[]): Promise<(number | undefined)[]> {
    const files = await this.symbolFiles();
    return addresses.map((address) => {
      const id = files.findIndex(({ start, end }) => address >= start && address < end);
      return id === -1 ? undefined : id;
    });
  }

  /** The person may have given gdb another symbol file. */
  forget(): void {
    this.files = undefined;
  }

  private symbolFiles(): Promise<SymbolFile[]> {
    this.files ??= consoleOutput(this.gdb, 'info files').then(parseFiles);
    return this.files;
  }
}

/**
 * Reads what gdb's `info files` prints: the sections of each file that is in memory, where it is in memory.
 * "`/kernel.elf', file type elf64-x86-64." is followed by "0x100134 - 0x1002e0 is .text", with " in /other.elf" where
 * the section is of another file.
 */
function parseFiles(printed: string): SymbolFile[] {
  const files = new Map<string, SymbolFile>();
  let main = '';
  for (const line of printed.split('\n')) {
    main = /^\s*`(.+)', /.exec(line)?.[1] ?? main;
    const [, from, to, path = main] = /^\s*(0x[0-9a-f]+) - (0x[0-9a-f]+) is \S+(?: in (.+))?$/.exec(line) ?? [];
    if (from === undefined || to === undefined) continue;
    const { start, end } = files.get(path) ?? { start: BigInt(from), end: BigInt(to) };
    files.set(path, {
      path,
      start: BigInt(from) < start ? BigInt(from) : start,
      end: BigInt(to) > end ? BigInt(to) : end,
    });
  }
  return [...files.values()];
}
