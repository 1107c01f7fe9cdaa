import { addressLimit } from './addresses';
import type { Decode, Instruction } from './instructions';

const lastAddress = addressLimit - 1n;

/** How long instructions are, in bytes. */
export interface Encoding {
  readonly shortest: bigint;
  readonly longest: bigint;
}

/** Further back, a function's beginning is not decoded from: it takes too long. */
const furthest = 1n << 15n;

/** So many bytes are enough for a decoder that began amid an instruction to fall into step. */
const toFallIntoStep = 256n;

/** The instructions around an address, of which there are as many as one asks for. */
export class Listing {
  constructor(
    private readonly decoder: Decode,
    private readonly encoding: Encoding,
  ) {}

  /**
   * `count` instructions, the first of which is `offset` instructions after the one at the address (before it, where
   * negative). They lie one after another; what is not there has no bytes.
   */
  async around(address: bigint, offset: number, count: number): Promise<Instruction[]> {
    const before = offset < 0 ? await this.before(address, -offset) : [];
    const after = offset + count > 0 ? await this.after(address, offset + count) : [];
    const first = offset < 0 ? 0 : offset;
    return [...before, ...after].slice(first, first + count);
  }

  /** So many instructions from an address on. */
  private async after(address: bigint, count: number): Promise<Instruction[]> {
    // One more, so that the last is seen to end before the next function.
    const found = (await this.decodeInOrder(address, undefined, count + 1)).slice(0, count);
    const end = endOf(found) ?? address;
    const { shortest } = this.encoding;
    return [
      ...found,
      ...Array.from({ length: count - found.length }, (_, index) => missing(end + BigInt(index) * shortest)),
    ];
  }

  /** So many instructions up to an address. */
  private async before(address: bigint, count: number): Promise<Instruction[]> {
    const found = (await this.endingAt(address, count)).slice(-count);
    const start = found[0]?.address ?? address;
    const absent = count - found.length;
    const { shortest } = this.encoding;
    return [
      ...Array.from({ length: absent }, (_, index) => missing(start - BigInt(absent - index) * shortest)),
      ...found,
    ];
  }

  /** At least so many instructions up to an address, unless memory begins before. */
  private async endingAt(address: bigint, count: number): Promise<Instruction[]> {
    const furthestNeeded = address - BigInt(count) * this.encoding.longest;
    let start = await this.synchronise(furthestNeeded < 0n ? 0n : furthestNeeded);
    while (start < address) {
      const found = await this.decodeInOrder(start, address);
      const end = endOf(found) ?? start;
      if (end >= address) return cutAt(found, address);
      // The next page may be there.
      start = (end / 4096n + 1n) * 4096n;
    }
    return [];
  }

  /** Where an instruction begins at or before the address: x86 cannot be decoded from just anywhere. */
  private async synchronise(address: bigint): Promise<bigint> {
    const { shortest, longest } = this.encoding;
    if (shortest === longest) return address;
    const early = address > toFallIntoStep ? address - toFallIntoStep : 0n;
    const starts = (await this.decode(early, address + 1n)).map(functionStart);
    const [last] = starts.filter((start) => start !== undefined && start <= address).toReversed();
    return last !== undefined && address - last < furthest ? last : early;
  }

  /**
   * Decodes up to an address, or so many instructions. Where a function begins amid what was decoded before it as an
   * instruction (padding, data), that is cut there.
   */
  private async decodeInOrder(start: bigint, end: bigint | undefined, count = Infinity): Promise<Instruction[]> {
    const found: Instruction[] = [];
    for (let at = start; found.length < count && (end === undefined || at < end);) {
      const more = await this.decode(at, end ?? at + BigInt(count - found.length) * this.typical);
      if (more.length === 0) break;
      const cut = withCut([...found, ...more]);
      found.splice(0, found.length, ...cut.instructions);
      const reached = endOf(found) ?? at;
      // A decoder stops early where memory does.
      if (!cut.isCut && end !== undefined && reached < end) break;
      at = reached;
    }
    return found;
  }

  private async decode(start: bigint, end: bigint): Promise<Instruction[]> {
    if (start < 0n || start >= lastAddress) return [];
    return this.decoder(start, end < lastAddress ? end : lastAddress);
  }

  /** Bytes of an instruction, about. */
  private get typical(): bigint {
    return (this.encoding.shortest + this.encoding.longest) / 2n;
  }
}

/** Up to the first place where a function begins amid an instruction, which then is only bytes. */
function withCut(all: readonly Instruction[]): {
  readonly instructions: readonly Instruction[];
  readonly isCut: boolean;
} {
  for (const [index, instruction] of all.entries()) {
    const start = functionStart(all[index + 1]);
    if (
      start !== undefined &&
      start > instruction.address &&
      start < instruction.address + BigInt(instruction.length)
    ) {
      return { instructions: cutAt(all.slice(0, index + 1), start), isCut: true };
    }
  }
  return { instructions: all, isCut: false };
}

/** The instructions up to an address; one that ends after it becomes the bytes before it. */
function cutAt(all: readonly Instruction[], address: bigint): Instruction[] {
  const before = all.filter((instruction) => instruction.address < address);
  const last = before.at(-1);
  if (last === undefined || last.address + BigInt(last.length) <= address) return before;
  const bytes = last.bytes.split(' ').slice(0, Number(address - last.address));
  const text = `.byte  ${bytes.map((byte) => `0x${byte}`).join(', ')}`;
  return [...before.slice(0, -1), { ...last, length: bytes.length, bytes: bytes.join(' '), text }];
}

function functionStart(instruction: Instruction | undefined): bigint | undefined {
  return instruction?.symbol && instruction.address - instruction.symbol.offset;
}

function endOf(all: readonly Instruction[]): bigint | undefined {
  const last = all.at(-1);
  return last && last.address + BigInt(last.length);
}

function missing(address: bigint): Instruction {
  return { address, length: 1, bytes: '', text: '??' };
}
