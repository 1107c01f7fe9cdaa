import { readFile } from 'node:fs/promises';
import { unreadableImage } from './errors';

// The layout of ELF64 is from the System V gABI, chapters 4 and 5.

/** A part of the file with a name, such as `.text`. */
export interface ElfSection {
  readonly name: string;
  readonly address: bigint;
  readonly bytes: number;
  /** True when it is in memory at run time. */
  readonly allocated: boolean;
  /** False for .bss and the like: memory without bytes in the file. */
  readonly stored: boolean;
  /** SHT_SYMTAB and so on. */
  readonly type: number;
  readonly offset: number;
  readonly link: number;
}

/** A stretch of memory that a loader fills. */
export interface ElfSegment {
  readonly type: number;
  readonly offset: number;
  readonly virtualAddress: bigint;
  readonly physicalAddress: bigint;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  readonly alignment: number;
}

/** A function, a variable or a mark. */
export interface ElfSymbol {
  readonly name: string;
  readonly address: bigint;
  readonly bytes: number;
  /** The address of a thread-local one is its offset in the segment PT_TLS. */
  readonly kind: 'function' | 'object' | 'threadLocal' | 'other';
}

const machines: Readonly<Record<number, 'x86_64' | 'aarch64'>> = { 62: 'x86_64', 183: 'aarch64' };
const PT_LOAD = 1;
const PT_TLS = 7;
const SHT_SYMTAB = 2;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2n;
const symbolKinds: Readonly<Record<number, ElfSymbol['kind']>> = { 1: 'object', 2: 'function', 6: 'threadLocal' };

/** What is read of an ELF64 little-endian file. */
export class Elf {
  constructor(
    readonly machine: 'x86_64' | 'aarch64' | undefined,
    readonly entry: bigint,
    readonly sections: readonly ElfSection[],
    readonly segments: readonly ElfSegment[],
    readonly symbols: readonly ElfSymbol[],
  ) {}

  /** The symbol of that name. */
  findSymbol(name: string): ElfSymbol | undefined {
    return this.symbols.find((symbol) => symbol.name === name);
  }

  /** Where each thread's own variables begin, from the thread pointer of static programs, in bytes; undefined without any. */
  get threadLocalOffset(): bigint | undefined {
    const segment = this.segments.find(({ type, memoryBytes }) => type === PT_TLS && memoryBytes > 0);
    if (segment === undefined) return undefined;
    const alignment = Math.max(1, segment.alignment);
    const up = (bytes: number): bigint => BigInt(Math.ceil(bytes / alignment) * alignment);
    // Drepper, "ELF Handling for Thread-Local Storage", 3: below the pointer (variant II), or above two words (variant I).
    return this.machine === 'x86_64' ? -up(segment.memoryBytes) : up(16);
  }

  /** Where a loader puts what runs at a virtual address; undefined where no segment holds it. */
  physicalAddress(address: bigint): bigint | undefined {
    const segment = this.segments.find(
      ({ type, virtualAddress, memoryBytes }) =>
        type === PT_LOAD && address >= virtualAddress && address < virtualAddress + BigInt(memoryBytes),
    );
    return segment && address - segment.virtualAddress + segment.physicalAddress;
  }
}

/** Reads an ELF64 little-endian file; an error that names the file where it is not one. */
export async function readElf(path: string): Promise<Elf> {
  try {
    return parseElf(await readFile(path));
  } catch (error) {
    throw unreadableImage(path, error);
  }
}

/** True for a file that begins as an ELF64 little-endian one does. */
export function isElf64(file: Buffer): boolean {
  return file.length >= 64 && file.readUInt32BE(0) === 0x7f454c46 && file[4] === 2 && file[5] === 1;
}

/** Reads an ELF64 little-endian image; throws a RangeError or an Error where it is not one. */
export function parseElf(file: Buffer): Elf {
  if (!isElf64(file)) throw new Error('It is not a 64-bit little-endian ELF file.');
  const sections = readSections(file);
  const symbols = sections
    .filter(({ type }) => type === SHT_SYMTAB)
    .flatMap((table) => readSymbols(file, sections, table));
  return new Elf(machines[file.readUInt16LE(18)], file.readBigUInt64LE(24), sections, readSegments(file), symbols);
}

function readSections(file: Buffer): ElfSection[] {
  const table = Number(file.readBigUInt64LE(40));
  const size = file.readUInt16LE(58);
  const headers = Array.from({ length: table === 0 ? 0 : file.readUInt16LE(60) }, (_, index) => {
    const at = table + index * size;
    const type = file.readUInt32LE(at + 4);
    return {
      nameOffset: file.readUInt32LE(at),
      type,
      allocated: (file.readBigUInt64LE(at + 8) & SHF_ALLOC) !== 0n,
      stored: type !== SHT_NOBITS,
      address: file.readBigUInt64LE(at + 16),
      offset: Number(file.readBigUInt64LE(at + 24)),
      bytes: Number(file.readBigUInt64LE(at + 32)),
      link: file.readUInt32LE(at + 40),
    };
  });
  const names = headers[file.readUInt16LE(62)];
  return headers.map(({ nameOffset, ...header }) => ({
    ...header,
    name: names === undefined ? '' : readString(file, names.offset + nameOffset),
  }));
}

function readSegments(file: Buffer): ElfSegment[] {
  const table = Number(file.readBigUInt64LE(32));
  const size = file.readUInt16LE(54);
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = table + index * size;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      virtualAddress: file.readBigUInt64LE(at + 16),
      physicalAddress: file.readBigUInt64LE(at + 24),
      fileBytes: Number(file.readBigUInt64LE(at + 32)),
      memoryBytes: Number(file.readBigUInt64LE(at + 40)),
      alignment: Number(file.readBigUInt64LE(at + 48)),
    };
  });
}

function readSymbols(file: Buffer, sections: readonly ElfSection[], table: ElfSection): ElfSymbol[] {
  const names = sections[table.link];
  if (names === undefined) throw new Error('Its symbol table has no names.');
  return Array.from({ length: Math.floor(table.bytes / 24) }, (_, index) => {
    const at = table.offset + index * 24;
    const type = file.readUInt8(at + 4) & 15;
    return {
      name: readString(file, names.offset + file.readUInt32LE(at)),
      kind: symbolKinds[type] ?? 'other',
      address: file.readBigUInt64LE(at + 8),
      bytes: Number(file.readBigUInt64LE(at + 16)),
    };
  }).filter(({ name }) => name !== '');
}

function readString(file: Buffer, offset: number): string {
  return file.toString('utf8', offset, file.indexOf(0, offset));
}
