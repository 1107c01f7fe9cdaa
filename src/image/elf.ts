import { open, type FileHandle } from 'node:fs/promises';
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
  /** True when its bytes in the file are compressed, behind a header. */
  readonly compressed: boolean;
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
const headerBytes = 64;
const symbolBytes = 24;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2n;
const SHF_COMPRESSED = 0x800n;
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
    const elf = await readIfElf(path);
    if (elf === undefined) throw new Error('It is not a 64-bit little-endian ELF file.');
    return elf;
  } catch (error) {
    throw unreadableImage(path, error);
  }
}

/**
 * What a file describes; undefined where it is no ELF64. Little more is read than headers and symbols: a kernel with debug
 * information may have hundreds of megabytes. Rejects as the file system does, and with a RangeError where it is cut off.
 */
export async function readIfElf(path: string): Promise<Elf | undefined> {
  const file = await open(path);
  try {
    const header = await read(file, 0, headerBytes);
    if (!isElf64(header)) return undefined;
    const sections = await readSections(file, header);
    const tables = sections.filter(({ type }) => type === SHT_SYMTAB);
    const symbols = await Promise.all(tables.map((table) => readSymbols(file, sections, table)));
    const segments = await readSegments(file, header);
    return new Elf(machines[header.readUInt16LE(18)], header.readBigUInt64LE(24), sections, segments, symbols.flat());
  } finally {
    await file.close();
  }
}

/** True for a file that begins as an ELF64 little-endian one does. */
export function isElf64(file: Buffer): boolean {
  return file.length >= headerBytes && file.readUInt32BE(0) === 0x7f454c46 && file[4] === 2 && file[5] === 1;
}

async function readSections(file: FileHandle, header: Buffer): Promise<ElfSection[]> {
  const [size, count] = [header.readUInt16LE(58), header.readUInt16LE(60)];
  const table = await read(file, Number(header.readBigUInt64LE(40)), size * count);
  const headers = Array.from({ length: count }, (_, index) => {
    const at = index * size;
    const type = table.readUInt32LE(at + 4);
    return {
      nameOffset: table.readUInt32LE(at),
      type,
      allocated: (table.readBigUInt64LE(at + 8) & SHF_ALLOC) !== 0n,
      compressed: (table.readBigUInt64LE(at + 8) & SHF_COMPRESSED) !== 0n,
      stored: type !== SHT_NOBITS,
      address: table.readBigUInt64LE(at + 16),
      offset: Number(table.readBigUInt64LE(at + 24)),
      bytes: Number(table.readBigUInt64LE(at + 32)),
      link: table.readUInt32LE(at + 40),
    };
  });
  const named = headers[header.readUInt16LE(62)];
  const names = named === undefined ? undefined : await read(file, named.offset, named.bytes);
  return headers.map(({ nameOffset, ...section }) => ({
    ...section,
    name: names === undefined ? '' : readString(names, nameOffset),
  }));
}

async function readSegments(file: FileHandle, header: Buffer): Promise<ElfSegment[]> {
  const [size, count] = [header.readUInt16LE(54), header.readUInt16LE(56)];
  const table = await read(file, Number(header.readBigUInt64LE(32)), size * count);
  return Array.from({ length: count }, (_, index) => {
    const at = index * size;
    return {
      type: table.readUInt32LE(at),
      offset: Number(table.readBigUInt64LE(at + 8)),
      virtualAddress: table.readBigUInt64LE(at + 16),
      physicalAddress: table.readBigUInt64LE(at + 24),
      fileBytes: Number(table.readBigUInt64LE(at + 32)),
      memoryBytes: Number(table.readBigUInt64LE(at + 40)),
      alignment: Number(table.readBigUInt64LE(at + 48)),
    };
  });
}

async function readSymbols(
  file: FileHandle,
  sections: readonly ElfSection[],
  { link, offset, bytes }: ElfSection,
): Promise<ElfSymbol[]> {
  const named = sections[link];
  if (named === undefined) throw new Error('Its symbol table has no names.');
  const [table, names] = [await read(file, offset, bytes), await read(file, named.offset, named.bytes)];
  return Array.from({ length: Math.floor(bytes / symbolBytes) }, (_, index) => {
    const at = index * symbolBytes;
    return {
      name: readString(names, table.readUInt32LE(at)),
      kind: symbolKinds[table.readUInt8(at + 4) & 15] ?? ('other' as const),
      address: table.readBigUInt64LE(at + 8),
      bytes: Number(table.readBigUInt64LE(at + 16)),
    };
  }).filter(({ name }) => name !== '');
}

/** Some bytes of a file; fewer at its end. */
export async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function readString(bytes: Buffer, offset: number): string {
  return bytes.toString('utf8', offset, bytes.indexOf(0, offset));
}
