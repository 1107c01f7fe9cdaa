import { open } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import { read, readElf } from './elf';

// The line number information of an ELF file: DWARF 5, section 6.2; versions 2 to 5.

/** A place in the code where a statement begins. */
export interface Row {
  readonly address: bigint;
  /** A number of the unit's. */
  readonly file: number;
  readonly line: number;
  /** From 1; 0 where the compiler does not tell. */
  readonly column: number;
}

const compressionHeaderBytes = 24;

/** Reads the line numbers of an ELF64 file; none where it has none. Rejects where the file cannot be read, or is cut off. */
export async function readLineTable(path: string): Promise<LineTable> {
  const { sections } = await readElf(path);
  const section = sections.find(({ name }) => name === '.debug_line');
  if (section === undefined) return new LineTable(Buffer.alloc(0));
  const file = await open(path);
  try {
    const bytes = await read(file, section.offset, section.bytes);
    return new LineTable(section.compressed ? inflateSync(bytes.subarray(compressionHeaderBytes)) : bytes);
  } finally {
    await file.close();
  }
}

/** The section `.debug_line`, of which only what is asked for is decoded: that of a kernel has millions of rows. */
export class LineTable {
  private readonly bytes: Bytes;
  private readonly sequences: Sequence[] = [];

  /** Throws a RangeError where the section is cut off. */
  constructor(section: Buffer) {
    this.bytes = new Bytes(section);
    while (!this.bytes.atEnd) this.readUnit();
  }

  /** The statements from an address up to another, in the order of their addresses. */
  rowsIn(from: bigint, to: bigint): Row[] {
    const rows: Row[] = [];
    for (const sequence of this.sequences) {
      if (sequence.start >= to || sequence.end <= from) continue;
      this.bytes.position = sequence.position;
      runSequence(this.bytes, sequence.header, (row) => {
        if (row.address >= from && row.address < to) rows.push(row);
      });
    }
    return rows;
  }

  private readUnit(): void {
    const { bytes } = this;
    const initial = bytes.unsigned(4);
    const offsetBytes = initial === 0xffff_ffff ? 8 : 4;
    const length = offsetBytes === 8 ? bytes.unsigned(8) : initial;
    const end = bytes.position + length;
    const version = bytes.unsigned(2);
    if (version >= 2 && version <= 5) {
      if (version === 5) bytes.skip(2); // the sizes of an address and of a segment selector
      const headerBytes = bytes.unsigned(offsetBytes);
      const program = bytes.position + headerBytes;
      const header = readHeader(bytes, version);
      bytes.position = program; // behind the names of folders and files
      while (bytes.position < end) {
        const { position } = bytes;
        this.sequences.push({ header, position, ...runSequence(bytes, header, () => undefined) });
      }
    }
    bytes.position = end;
  }
}

/** The header of a unit's program, as far as its rows need it. */
interface Header {
  readonly instructionBytes: number;
  readonly statementsByDefault: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly operands: readonly number[];
}

/** Code in a row, and where the program for its rows begins. */
interface Sequence {
  readonly header: Header;
  readonly position: number;
  readonly start: bigint;
  readonly end: bigint;
}

function readHeader(bytes: Bytes, version: number): Header {
  const instructionBytes = bytes.unsigned(1);
  if (version >= 4) bytes.skip(1); // operations in an instruction: more than one on VLIW machines only
  const statementsByDefault = bytes.unsigned(1) !== 0;
  const lineBase = (bytes.unsigned(1) << 24) >> 24;
  const lineRange = bytes.unsigned(1);
  const opcodeBase = bytes.unsigned(1);
  const operands = Array.from({ length: Math.max(0, opcodeBase - 1) }, () => bytes.unsigned(1));
  return { instructionBytes, statementsByDefault, lineBase, lineRange, opcodeBase, operands };
}

/** Runs the program to the end of a sequence, in which addresses only grow. */
function runSequence(bytes: Bytes, header: Header, onRow: (row: Row) => void): { start: bigint; end: bigint } {
  const { instructionBytes, lineBase, lineRange, opcodeBase } = header;
  let start = 0n;
  let [advance, file, line, column] = [0, 1, 1, 0];
  let isStatement = header.statementsByDefault;
  const addRow = (): void => {
    if (isStatement) onRow({ address: start + BigInt(advance), file, line, column });
  };
  for (;;) {
    const opcode = bytes.unsigned(1);
    if (opcode >= opcodeBase) {
      advance += Math.floor((opcode - opcodeBase) / lineRange) * instructionBytes;
      line += lineBase + ((opcode - opcodeBase) % lineRange);
      addRow();
      continue;
    }
    switch (opcode) {
      case 0: {
        const length = bytes.leb128();
        const body = bytes.position;
        const extended = bytes.unsigned(1);
        if (extended === 1) return { start, end: start + BigInt(advance) };
        if (extended === 2) [start, advance] = [bytes.address(length - 1), 0];
        bytes.position = body + length;
        break;
      }
      case 1:
        addRow();
        break;
      case 2:
        advance += bytes.leb128() * instructionBytes;
        break;
      case 3:
        line += bytes.signedLeb128();
        break;
      case 4:
        file = bytes.leb128();
        break;
      case 5:
        column = bytes.leb128();
        break;
      case 6:
        isStatement = !isStatement;
        break;
      case 8:
        advance += Math.floor((255 - opcodeBase) / lineRange) * instructionBytes;
        break;
      case 9:
        advance += bytes.unsigned(2);
        break;
      default:
        for (let left = header.operands[opcode - 1] ?? 0; left > 0; left--) bytes.leb128();
    }
  }
}

/** Little-endian numbers, one after the other; a RangeError at the end. */
class Bytes {
  position = 0;

  constructor(private readonly buffer: Buffer) {}

  get atEnd(): boolean {
    return this.position >= this.buffer.length;
  }

  skip(count: number): void {
    this.position += count;
  }

  unsigned(count: 1 | 2 | 4 | 8): number {
    const at = this.position;
    this.position += count;
    return count === 8 ? Number(this.buffer.readBigUInt64LE(at)) : this.buffer.readUIntLE(at, count);
  }

  address(count: number): bigint {
    return count === 8 ? this.buffer.readBigUInt64LE(this.position) : BigInt(this.buffer.readUInt32LE(this.position));
  }

  /** DWARF 5, section 7.6. */
  leb128(): number {
    return this.readLeb128().value;
  }

  signedLeb128(): number {
    const { value, limit } = this.readLeb128();
    return value < limit / 2 ? value : value - limit;
  }

  private readLeb128(): { value: number; limit: number } {
    let [value, limit] = [0, 1];
    for (;;) {
      const byte = this.unsigned(1);
      value += (byte & 0x7f) * limit;
      limit *= 128;
      if (byte < 0x80) return { value, limit };
    }
  }
}
