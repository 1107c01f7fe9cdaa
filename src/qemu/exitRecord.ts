import { readFile } from 'node:fs/promises';
import type { ExitRecord } from './exitStatus';

const loadSegment = 1;
const symbolTable = 2;

/**
 * Looks for the library OS's `libos_exit` in an ELF64 with symbols (System V ABI, "Object Files"); undefined in a kernel
 * that is not ours.
 */
export async function findExitRecord(elfPath: string): Promise<ExitRecord | undefined> {
  const elf = await readFile(elfPath);
  if (elf.toString('latin1', 0, 5) !== '\x7fELF\x02') return undefined;
  const address = findSymbol(elf, 'libos_exit');
  if (address === undefined) return undefined;
  for (const header of entries(elf, Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56))) {
    const start = header.readBigUInt64LE(16);
    const isInside = address >= start && address < start + header.readBigUInt64LE(40);
    if (header.readUInt32LE(0) === loadSegment && isInside) {
      return { address: address - start + header.readBigUInt64LE(24) };
    }
  }
  return { address };
}

function findSymbol(elf: Buffer, name: string): bigint | undefined {
  const sections = entries(elf, Number(elf.readBigUInt64LE(40)), elf.readUInt16LE(58), elf.readUInt16LE(60));
  const table = sections.find((section) => section.readUInt32LE(4) === symbolTable);
  const strings = table && sections[table.readUInt32LE(40)];
  if (!table || !strings) return undefined;
  const names = content(elf, strings);
  const symbols = content(elf, table);
  return entries(symbols, 0, 24, symbols.length / 24)
    .find((symbol) => {
      const start = symbol.readUInt32LE(0);
      return names.toString('latin1', start, start + name.length + 1) === `${name}\0`;
    })
    ?.readBigUInt64LE(8);
}

function content(elf: Buffer, section: Buffer): Buffer {
  const offset = Number(section.readBigUInt64LE(24));
  return elf.subarray(offset, offset + Number(section.readBigUInt64LE(32)));
}

function entries(bytes: Buffer, offset: number, size: number, count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(offset + index * size, offset + (index + 1) * size),
  );
}
