import { UnikernelError } from '../errors';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple, type MiValue } from '../gdb/mi/record';
import { hexadecimal } from './addresses';
import { fromGuest } from './memory';

/** One instruction in memory, and where it comes from. */
export interface Instruction {
  readonly address: bigint;
  /** Of its bytes; never 0. */
  readonly length: number;
  /** Such as `48 89 e5`. */
  readonly bytes: string;
  /** Mnemonic and operands. */
  readonly text: string;
  /** The symbol before it, and how far before. */
  readonly symbol?: { readonly name: string; readonly offset: bigint };
  readonly line?: { readonly path: string; readonly number: number };
}

/** Finds the instructions that begin in [start, end), one after another, up to where memory cannot be read. */
export type Decode = (start: bigint, end: bigint) => Promise<Instruction[]>;

/** How gdb decodes: in the mode of the architecture, for x86 that of 64 bits. */
export function decodeWithGdb(gdb: Gdb): Decode {
  return async (start, end) => {
    const ask = (limit: bigint): Promise<MiTuple> =>
      // 5: with source lines, in the order of addresses, and with the bytes.
      gdb.send('data-disassemble', ['-s', hexadecimal(start), '-e', hexadecimal(limit), '--', '5']);
    const found = await readable(start, end, async (limit) => show(await fromGuest(gdb, () => ask(limit))));
    if (found.some(({ bytes }) => /[^0 ]/.test(bytes))) return found;
    // The image is not loaded or not mapped yet: its file has what will be there.
    return readable(start, end, async (limit) => show(await ask(limit)));
  };
}

/** gdb gives nothing at all when a byte of what it is asked for cannot be read: then it is asked for less. */
async function readable(
  start: bigint,
  end: bigint,
  ask: (limit: bigint) => Promise<Instruction[]>,
): Promise<Instruction[]> {
  for (let limit = end; limit > start;) {
    try {
      return await ask(limit);
    } catch (error) {
      const unreadable = unreadableAddress(error);
      if (unreadable === undefined) throw error;
      // An instruction that begins before the limit may end after it.
      limit = unreadable < limit ? unreadable : limit - 1n;
    }
  }
  return [];
}

function unreadableAddress(error: unknown): bigint | undefined {
  const address = error instanceof UnikernelError ? /memory at address (0x[0-9a-f]+)/.exec(error.what)?.[1] : undefined;
  return address === undefined ? undefined : BigInt(address);
}

function show({ asm_insns: groups }: MiTuple): Instruction[] {
  return list(groups).flatMap((each) => {
    const group = tuple(each);
    // Code without lines comes without groups, or in one without a line.
    if (group['line_asm_insn'] === undefined) return [showInstruction(each, undefined)];
    const path = text(group['fullname']);
    const line = path === '' ? undefined : { path, number: Number(text(group['line'])) };
    return list(group['line_asm_insn']).map((instruction) => showInstruction(instruction, line));
  });
}

function showInstruction(value: MiValue, line: Instruction['line']): Instruction {
  const { address, 'func-name': name, offset, opcodes, inst } = tuple(value);
  const bytes = text(opcodes);
  return {
    address: BigInt(text(address)),
    length: bytes.split(' ').length,
    bytes,
    text: layOut(text(inst)),
    ...(name === undefined ? {} : { symbol: { name: text(name), offset: BigInt(text(offset)) } }),
    ...(line === undefined ? {} : { line }),
  };
}

/** Mnemonics in a column, whatever the disassembler puts between them and the operands. */
export function layOut(instruction: string): string {
  const [mnemonic = '', ...operands] = instruction.trim().split(/\s+/);
  return `${mnemonic.padEnd(7)}${operands.join(' ')}`.trimEnd();
}
