import type { DebugProtocol } from '@vscode/debugprotocol';
import { UnikernelError } from '../errors';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple } from '../gdb/mi/record';
import { addressLimit, hexadecimal, parseAddress } from './addresses';
import { cannotWrite } from './errors';
import type { Handlers } from './requests';

/** The requests about the bytes in the guest's memory. */
export const memoryHandlers = {
  readMemory: ({ execution, memory }, args, signal) => execution.whileStopped(() => memory.read(args, signal)),
  writeMemory: async (debuggee, args) => {
    const { execution, memory } = debuggee;
    const written = await execution.whileStopped(() => memory.write(args));
    debuggee.forgetAhead();
    // What was shown of variables may lie in these bytes.
    debuggee.emit('event', event('invalidated', { areas: ['variables'] }));
    return written;
  },
} satisfies Handlers;

/** gdb is asked for so many bytes at once, so that it answers in time and others get a turn. */
const mostAtOnce = 1 << 20;

/** The smallest page of either architecture: memory is there, or not, in units of it. */
const pageSize = 4096;

/** The guest's memory, and which of it the editor has read. */
export class Memory {
  /** From the lowest to the highest offset, for each reference that the editor has used. */
  private readonly spans = new Map<string, { start: number; end: number }>();

  constructor(
    private readonly gdb: Gdb,
    private readonly send: (event: DebugProtocol.Event) => void,
  ) {}

  /**
   * Reads bytes up to the first that is not there. As VS Code takes it, the answer is about all `count` bytes: those after
   * a gap count as unreadable too. When the first byte is not there, `unreadableBytes` says how far the next one is.
   */
  async read(
    { memoryReference, offset = 0, count }: DebugProtocol.ReadMemoryArguments,
    signal: AbortSignal,
  ): Promise<NonNullable<DebugProtocol.ReadMemoryResponse['body']>> {
    const start = parseAddress(memoryReference) + BigInt(offset);
    this.remember(memoryReference, offset, count);
    const address = hexadecimal(start < 0n ? 0n : start);
    if (count <= 0) return { address };
    if (start < 0n) return { address, unreadableBytes: -start < BigInt(count) ? Number(-start) : count };
    const { gap, data } = await this.readFrom(start, count, signal);
    if (data.length === 0) return { address, unreadableBytes: gap };
    return { address, data: data.toString('base64'), unreadableBytes: count - data.length };
  }

  /**
   * Writes bytes: all or, where memory is missing, none; with `allowPartial` those of the first part that is there.
   * Memory that cannot be read is taken for missing: QEMU does not always say so when it is written.
   */
  async write({
    memoryReference,
    offset = 0,
    allowPartial = false,
    data,
  }: DebugProtocol.WriteMemoryArguments): Promise<NonNullable<DebugProtocol.WriteMemoryResponse['body']>> {
    const bytes = Buffer.from(data, 'base64');
    const start = parseAddress(memoryReference) + BigInt(offset);
    const pieces = splitAtPages(start, bytes);
    const isThere: boolean[] = [];
    for (const { address, bytes } of pieces) isThere.push((await this.readOnce(address, bytes.length)).isWhole);
    if (!allowPartial && isThere.includes(false)) throw cannotWrite(hexadecimal(start), bytes.length);
    const first = isThere.indexOf(true);
    if (first === -1) return { bytesWritten: 0 };
    const after = isThere.indexOf(false, first);
    const written = pieces.slice(first, after === -1 ? undefined : after);
    for (const { address, bytes } of written) {
      await this.gdb.send('data-write-memory-bytes', [hexadecimal(address), bytes.toString('hex')]);
    }
    const skipped = Number((written[0]?.address ?? start) - start);
    return { offset: offset + skipped, bytesWritten: written.reduce((sum, piece) => sum + piece.bytes.length, 0) };
  }

  /** Tells the editor that what it read may have changed. */
  changed(): void {
    for (const [memoryReference, { start, end }] of this.spans) {
      this.send(event('memory', { memoryReference, offset: start, count: end - start }));
    }
  }

  private remember(reference: string, offset: number, count: number): void {
    const { start, end } = this.spans.get(reference) ?? { start: offset, end: offset };
    this.spans.set(reference, { start: Math.min(start, offset), end: Math.max(end, offset + count) });
  }

  private async readFrom(start: bigint, count: number, signal: AbortSignal): Promise<{ gap: number; data: Buffer }> {
    const parts: Buffer[] = [];
    let length = 0;
    while (length < count) {
      signal.throwIfAborted();
      const part = await this.readOnce(start + BigInt(length), Math.min(mostAtOnce, count - length));
      if (part.gap > 0 && length === 0) return { gap: part.gap, data: Buffer.alloc(0) };
      if (part.gap > 0) break;
      parts.push(part.data);
      length += part.data.length;
      if (!part.isWhole) break;
    }
    return { gap: 0, data: Buffer.concat(parts) };
  }

  /** The first bytes that are there, after a gap. Addresses end at 2^64, and do not begin again. */
  private async readOnce(start: bigint, count: number): Promise<{ gap: number; data: Buffer; isWhole: boolean }> {
    const nothing = { gap: count, data: Buffer.alloc(0), isWhole: false };
    const left = addressLimit - start;
    if (start < 0n || left <= 0n) return nothing;
    const wanted = left < BigInt(count) ? Number(left) : count;
    const block = await this.readBlock(start, wanted);
    if (block === undefined) return nothing;
    const { gap, data } = block;
    if (gap > 0 || data.length === wanted) return { ...block, isWhole: data.length === count };
    // gdb 13 counts one byte too many as read where memory ends.
    const last = data.length - 1;
    const isRead = (await this.readBlock(start + BigInt(last), 1)) !== undefined;
    return { gap, data: isRead ? data : data.subarray(0, last), isWhole: false };
  }

  private async readBlock(start: bigint, count: number): Promise<{ gap: number; data: Buffer } | undefined> {
    const read = (): Promise<MiTuple> => this.gdb.send('data-read-memory-bytes', [hexadecimal(start), String(count)]);
    const answer = await fromGuest(this.gdb, read).catch((error: unknown) => {
      if (error instanceof UnikernelError && error.code === 'gdb.refused') return undefined;
      throw error;
    });
    const { begin, contents } = tuple(list(answer?.['memory'])[0]);
    if (contents === undefined) return undefined;
    return { gap: Number(BigInt(text(begin)) - start), data: Buffer.from(text(contents), 'hex') };
  }
}

/** Asks gdb for what is in memory: otherwise it takes what is in sections that are only read from the file. */
export async function fromGuest(gdb: Gdb, ask: () => Promise<MiTuple>): Promise<MiTuple> {
  const [, answer] = await Promise.all([
    gdb.send('gdb-set', ['trust-readonly-sections', 'off']),
    ask(),
    gdb.send('gdb-set', ['trust-readonly-sections', 'on']),
  ]);
  return answer;
}

/** Pieces that lie in one page each. */
function splitAtPages(start: bigint, bytes: Buffer): { readonly address: bigint; readonly bytes: Buffer }[] {
  const pieces = [];
  for (let at = 0; at < bytes.length;) {
    const address = start + BigInt(at);
    const size = pageSize - Number(BigInt.asUintN(64, address) % BigInt(pageSize));
    pieces.push({ address, bytes: bytes.subarray(at, at + size) });
    at += size;
  }
  return pieces;
}

function event(name: string, body: object): DebugProtocol.Event {
  return { type: 'event', seq: 0, event: name, body };
}
