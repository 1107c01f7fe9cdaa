import type { Gdb } from '../gdb/gdb';
import { hexadecimal } from './addresses';
import { consoleOutput } from '../gdb/console';
import { decodeWithGdb, layOut, type Decode, type Instruction } from './instructions';

/** How an x86 CPU reads its code. */
export interface CodeSegment {
  readonly bits: 16 | 32 | 64;
  /** What is added to the instruction pointer. */
  readonly base: bigint;
}

/** Instructions asked of QEMU at once. */
const batch = 64;

/**
 * The mode of the CPU that is nearest to the address, from QEMU (`info registers`, which shows the hidden part of CS);
 * undefined where the stub is not QEMU's. gdb does not know the mode: to it, the guest is always in that of 64 bits.
 */
export async function codeSegmentAt(gdb: Gdb, address: bigint): Promise<CodeSegment | undefined> {
  const printed = await consoleOutput(gdb, 'monitor info registers -a').catch(() => '');
  const cpus = printed.split(/^CPU#/m).flatMap((cpu) => {
    const pointer = /\b[RE]IP=([0-9a-f]+)/.exec(cpu)?.[1];
    const [, base, rest = ''] = /^CS =[0-9a-f]+ ([0-9a-f]+) (.*)$/m.exec(cpu) ?? [];
    if (pointer === undefined || base === undefined) return [];
    // In real mode the line ends without the kind of segment.
    const bits = Number(/ CS(16|32|64) /.exec(rest)?.[1] ?? '16') as CodeSegment['bits'];
    return [{ distance: distance(BigInt(`0x${pointer}`), address), bits, base: BigInt(`0x${base}`) }];
  });
  return cpus.toSorted((a, b) => (a.distance < b.distance ? -1 : 1))[0];
}

/**
 * How QEMU decodes code that is not of 64 bits: gdb cannot while it is connected to a CPU that has them. gdb still says
 * which symbols and lines the instructions belong to.
 */
export function decodeWithQemu(gdb: Gdb): Decode {
  const describe = decodeWithGdb(gdb);
  return async (start, end) => {
    const found: Instruction[] = [];
    for (let at = start; at < end;) {
      const more = parse(await consoleOutput(gdb, `monitor x/${batch}i ${hexadecimal(at)}`));
      found.push(...more);
      const last = more.at(-1);
      if (last === undefined || more.length < batch) break;
      at = last.address + BigInt(last.length);
    }
    return Promise.all(
      found
        .filter(({ address }) => address < end)
        .map(async (instruction) => {
          const [described] = await describe(instruction.address, instruction.address + 1n);
          const { symbol, line } = described ?? {};
          return { ...instruction, ...(symbol ? { symbol } : {}), ...(line ? { line } : {}) };
        }),
    );
  };
}

/** Reads `0x00100139:  c7 05 00 20 10 00 03 30  movl     $0x103003, 0x102000`; more bytes follow in a line of their own. */
function parse(printed: string): Instruction[] {
  const found: Instruction[] = [];
  for (const line of printed.split(/\r?\n/)) {
    const [, address, bytes, instruction] =
      /^0x([0-9a-f]+): {2}((?:[0-9a-f]{2} )*[0-9a-f]{2})(?: {2,}(\S.*))?\s*$/.exec(line) ?? [];
    if (address === undefined || bytes === undefined) continue;
    const length = bytes.split(' ').length;
    const last = found.at(-1);
    if (instruction !== undefined) {
      found.push({ address: BigInt(`0x${address}`), length, bytes, text: layOut(instruction) });
    } else if (last !== undefined) {
      found[found.length - 1] = { ...last, length: last.length + length, bytes: `${last.bytes} ${bytes}` };
    }
  }
  return found;
}

function distance(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
}
