import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Architecture } from '../targets';
import { addressLimit, hexadecimal, parseAddress } from './addresses';
import type { Debuggee } from './debuggee';
import { decodeWithGdb, type Instruction } from './instructions';
import { Listing, type Encoding } from './listing';
import type { Handlers } from './requests';
import type { Sources } from './sources';
import { codeSegmentAt, decodeWithQemu } from './x86Modes';

/** The request for instructions. */
export const disassemblyHandlers = {
  disassemble: (debuggee, args) =>
    debuggee.execution.whileStopped(async () => ({ instructions: await disassemble(debuggee, args) })),
} satisfies Handlers;

/** Bytes of the longest x86 instruction: Intel SDM, volume 2, 2.3.11. */
const encodings: Readonly<Record<Architecture, Encoding>> = {
  x86_64: { shortest: 1n, longest: 15n },
  aarch64: { shortest: 4n, longest: 4n },
};

/**
 * Disassembles exactly as many instructions as were asked for, in the mode that the CPU is in. Where there is no
 * memory, they are invalid ones.
 */
async function disassemble(
  { gdb, architecture, sources }: Debuggee,
  { memoryReference, offset = 0, instructionOffset = 0, instructionCount }: DebugProtocol.DisassembleArguments,
): Promise<DebugProtocol.DisassembledInstruction[]> {
  const reference = parseAddress(memoryReference) + BigInt(offset);
  const segment = architecture === 'x86_64' ? await codeSegmentAt(gdb, reference) : undefined;
  const decode = segment === undefined || segment.bits === 64 ? decodeWithGdb(gdb) : decodeWithQemu(gdb);
  // In real mode, the instruction pointer that gdb shows lies in a segment.
  const base = segment?.bits === 16 && reference < 0x10000n ? segment.base : 0n;
  const listing = new Listing(decode, encodings[architecture]);
  const found = await listing.around(reference + base, instructionOffset, instructionCount);
  return show(
    found.map((instruction) => ({ ...instruction, address: instruction.address - base })),
    sources,
  );
}

/** A source is named only where it changes. */
function show(found: readonly Instruction[], sources: Sources): DebugProtocol.DisassembledInstruction[] {
  let shownPath: string | undefined;
  return found.map(({ address, bytes, text, symbol, line }) => {
    const place = address < 0n ? 0n : address >= addressLimit ? addressLimit - 1n : address;
    if (bytes === '') return { address: hexadecimal(place), instruction: text, presentationHint: 'invalid' };
    const source = line === undefined ? undefined : sources.find(line.path);
    const isNew = source !== undefined && source.path !== shownPath;
    if (isNew) shownPath = source.path;
    return {
      address: hexadecimal(place),
      instruction: text,
      instructionBytes: bytes,
      ...(symbol === undefined
        ? {}
        : { symbol: symbol.offset === 0n ? symbol.name : `${symbol.name}+${symbol.offset}` }),
      ...(isNew ? { location: source } : {}),
      ...(source === undefined || line === undefined ? {} : { line: line.number, endLine: line.number }),
    };
  });
}
