import { open, type FileHandle } from 'node:fs/promises';
import { isElf64 } from './elf';

// The layout of ELF64 is from the System V gABI, chapters 4 and 5.

const headerBytes = 64;
const symbolBytes = 24;
const PT_LOAD = 1;
const SHT_SYMTAB = 2;

/**
 * Where a loader puts what a symbol names; undefined in a file that is no ELF64 or has no such symbol. Little more is read than
 * the symbols: a kernel with debug information may have hundreds of megabytes.
 */
export async function findPhysicalAddress(path: string, name: string): Promise<bigint | undefined> {
  const file = await open(path);
  try {
    const header = await read(file, 0, headerBytes);
    if (!isElf64(header)) return undefined;
    const address = await findAddress(file, header, name);
    return address === undefined ? undefined : await loadedAt(file, header, address);
  } finally {
    await file.close();
  }
}

async function findAddress(file: FileHandle, header: Buffer, name: string): Promise<bigint | undefined> {
  const [size, count] = [header.readUInt16LE(58), header.readUInt16LE(60)];
  const sections = await read(file, Number(header.readBigUInt64LE(40)), size * count);
  const contents = (index: number): Promise<Buffer> => {
    const at = index * size;
    return read(file, Number(sections.readBigUInt64LE(at + 24)), Number(sections.readBigUInt64LE(at + 32)));
  };
  for (let index = 0; index < count; index++) {
    if (sections.readUInt32LE(index * size + 4) !== SHT_SYMTAB) continue;
    const names = await contents(sections.readUInt32LE(index * size + 40));
    const symbols = await contents(index);
    const wanted = Buffer.from(`${name}\0`);
    for (let at = 0; at + symbolBytes <= symbols.length; at += symbolBytes) {
      const start = symbols.readUInt32LE(at);
      if (names.subarray(start, start + wanted.length).equals(wanted)) return symbols.readBigUInt64LE(at + 8);
    }
  }
  return undefined;
}

async function loadedAt(file: FileHandle, header: Buffer, address: bigint): Promise<bigint | undefined> {
  const [size, count] = [header.readUInt16LE(54), header.readUInt16LE(56)];
  const segments = await read(file, Number(header.readBigUInt64LE(32)), size * count);
  for (let at = 0; at < segments.length; at += size) {
    const distance = address - segments.readBigUInt64LE(at + 16);
    const isInside = distance >= 0n && distance < segments.readBigUInt64LE(at + 40);
    if (segments.readUInt32LE(at) === PT_LOAD && isInside) return segments.readBigUInt64LE(at + 24) + distance;
  }
  return undefined;
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
