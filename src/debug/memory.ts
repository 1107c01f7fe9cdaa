import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple } from '../gdb/mi/record';
import type { Handlers } from './requests';

/** The requests about the guest's memory and what is in it. */
export const memoryHandlers = {
  readMemory: ({ gdb }, args) => readMemory(gdb, args),
  disassemble: async ({ gdb }, args) => ({ instructions: await disassemble(gdb, args) }),
} satisfies Handlers;

/** Reads the guest's memory; what lies beyond the mapped part is counted as unreadable. */
export async function readMemory(
  gdb: Gdb,
  { memoryReference, offset = 0, count }: DebugProtocol.ReadMemoryArguments,
): Promise<NonNullable<DebugProtocol.ReadMemoryResponse['body']>> {
  const address = hexadecimal(BigInt(memoryReference) + BigInt(offset));
  if (count === 0) return { address };
  const { memory } = await gdb.send('data-read-memory-bytes', [address, String(count)]);
  const data = Buffer.from(text(tuple(list(memory)[0])['contents']), 'hex');
  return { address, data: data.toString('base64'), unreadableBytes: count - data.length };
}

/** Bytes of the longest instruction (Intel SDM, volume 2, 2.3.11). */
const longest = 15n;

/**
 * Disassembles exactly as many instructions as were asked for. Those before the address are found from the beginning of
 * its function: from anywhere else, instructions of different lengths cannot be told apart backwards.
 */
export async function disassemble(
  gdb: Gdb,
  { memoryReference, offset = 0, instructionOffset = 0, instructionCount }: DebugProtocol.DisassembleArguments,
): Promise<DebugProtocol.DisassembledInstruction[]> {
  const base = BigInt(memoryReference) + BigInt(offset);
  const end = base + BigInt(Math.max(0, instructionOffset + instructionCount)) * longest;
  const before = instructionOffset < 0 ? await instructions(gdb, ['-a', hexadecimal(base)]).catch(() => []) : [];
  const earlier = before.filter(({ address }) => BigInt(address) < base);
  const later = end > base ? await instructions(gdb, ['-s', hexadecimal(base), '-e', hexadecimal(end)]) : [];
  const all = [...earlier, ...later];
  const first = earlier.length + instructionOffset;
  return Array.from({ length: instructionCount }, (_, index) => all[first + index] ?? invalid);
}

async function instructions(gdb: Gdb, range: readonly string[]): Promise<DebugProtocol.DisassembledInstruction[]> {
  const { asm_insns: found } = await gdb.send('data-disassemble', [...range, '--', '2']);
  return list(found).map((instruction) => {
    const { address, 'func-name': name, offset: distance, opcodes, inst } = tuple(instruction);
    return {
      address: text(address),
      instruction: text(inst),
      instructionBytes: text(opcodes),
      ...(name === undefined ? {} : { symbol: `${text(name)}+${text(distance)}` }),
    };
  });
}

const invalid: DebugProtocol.DisassembledInstruction = {
  address: '0x0',
  instruction: '??',
  presentationHint: 'invalid',
};

function hexadecimal(address: bigint): string {
  return `0x${address.toString(16)}`;
}
