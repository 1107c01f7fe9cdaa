import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple } from '../gdb/mi/record';

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

/** The longest instruction, by which to go back far enough; and every instruction's length where they are all the same. */
const longest = 15n;

/** Disassembles exactly as many instructions as were asked for, before and after an address. */
export async function disassemble(
  gdb: Gdb,
  { memoryReference, offset = 0, instructionOffset = 0, instructionCount }: DebugProtocol.DisassembleArguments,
): Promise<DebugProtocol.DisassembledInstruction[]> {
  const base = BigInt(memoryReference) + BigInt(offset);
  const before = BigInt(Math.max(0, -instructionOffset));
  const wantedStart = base - before * longest;
  const start = wantedStart > 0n ? wantedStart : 0n;
  const end = base + BigInt(Math.max(0, instructionOffset) + instructionCount) * longest;
  const { asm_insns: instructions } = await gdb.send('data-disassemble', [
    ...['-s', hexadecimal(start), '-e', hexadecimal(end), '--', '2'],
  ]);
  const all = list(instructions).map((instruction) => {
    const { address, 'func-name': name, offset: distance, opcodes, inst } = tuple(instruction);
    return {
      address: text(address),
      instruction: text(inst),
      instructionBytes: text(opcodes),
      ...(name === undefined ? {} : { symbol: `${text(name)}+${text(distance)}` }),
    };
  });
  const at = all.findIndex((instruction) => BigInt(instruction.address) >= base);
  const first = at + instructionOffset;
  return Array.from({ length: instructionCount }, (_, index) => all[first + index] ?? invalid);
}

const invalid: DebugProtocol.DisassembledInstruction = {
  address: '0x0',
  instruction: '??',
  presentationHint: 'invalid',
};

function hexadecimal(address: bigint): string {
  return `0x${address.toString(16)}`;
}
