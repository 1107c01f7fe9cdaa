import type { Gdb } from '../gdb/gdb';
import { list, text, tuple } from '../gdb/mi/record';
import type { Architecture } from '../targets';

/** A thread of the guest's own. */
export interface GuestThread {
  /** What the guest numbers it. */
  readonly id: number;
  readonly name: string;
  readonly state: 'ready' | 'running' | 'blocked';
  /** Of a blocked thread: what it waits in, such as `futex`, where the guest tells. */
  readonly waitsIn?: string;
  /** Of a running thread: the CPU that runs it, from 0. */
  readonly cpu: number;
  /** Of another: the registers that it goes on with, its program counter and stack pointer first, named as gdb does. */
  readonly registers: readonly SavedRegister[];
}

export type SavedRegister = readonly [name: string, value: bigint];

/** Knows the threads of a guest that stands still. */
export interface GuestThreads {
  /** Empty where the guest has none, or has not come so far. */
  list(): Promise<readonly GuestThread[]>;
}

const states = ['ready', 'running', 'blocked'] as const;

/** In the order of the table. Caller-saved registers are lost to who called what switched the thread. */
const savedRegisters: Readonly<Record<Architecture, readonly string[]>> = {
  x86_64: ['rip', 'rsp', 'rbp', 'rbx', 'r12', 'r13', 'r14', 'r15', 'fs_base'],
  aarch64: ['pc', 'sp', ...[29, 30, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28].map((number) => `x${number}`), 'TPIDR_EL0'],
};

/** More are not believed: a table that is overwritten must not keep the debugger busy. */
const mostThreads = 1024;

/**
 * The table with the symbol `debug_threads` in the guest's memory, little-endian, version 1:
 *
 *     debug_threads:  u32 version (0: nothing yet), u32 count, u64 address of so many u64 addresses of threads (0: none)
 *     a thread:       u32 id, u32 state (0 ready, 1 running, 2 blocked), u32 cpu, u32 waits_in, char name[32],
 *                     u64 registers: rip rsp rbp rbx r12-r15 fs_base, or pc sp x29 x30 x19-x28 tpidr_el0
 *
 * waits_in is, of a blocked thread, the address of the function that says what it waits for, as the handler of a system call does (0: not
 * told). The program counter is the address that the call which switched the thread returns to. In C: test/fixtures/kernels/debug_threads.h.
 */
export class ThreadTable implements GuestThreads {
  private address: Promise<bigint | undefined> | undefined;

  constructor(
    private readonly gdb: Gdb,
    private readonly architecture: Architecture,
  ) {}

  async list(): Promise<readonly GuestThread[]> {
    this.address ??= this.find();
    const address = await this.address;
    if (address === undefined) return [];
    try {
      return await this.read(address);
    } catch {
      // Before the guest has mapped its memory there is no table to read.
      return [];
    }
  }

  private async find(): Promise<bigint | undefined> {
    const found = await this.gdb.send('data-evaluate-expression', ['&debug_threads']).catch(() => undefined);
    const address = /0x[0-9a-f]+/.exec(text(found?.['value']))?.[0];
    return address === undefined ? undefined : BigInt(address);
  }

  private async read(address: bigint): Promise<GuestThread[]> {
    const table = await this.bytes(address, 16);
    const count = table.readUInt32LE(4);
    if (table.readUInt32LE(0) !== 1 || count === 0 || count > mostThreads) return [];
    const places = await this.bytes(table.readBigUInt64LE(8), 8 * count);
    const threads = Array.from({ length: count }, (_, index) => places.readBigUInt64LE(8 * index)).filter(Boolean);
    return Promise.all(threads.map((thread) => this.readThread(thread)));
  }

  private async readThread(address: bigint): Promise<GuestThread> {
    const names = savedRegisters[this.architecture];
    const thread = await this.bytes(address, 48 + 8 * names.length);
    const state = states[thread.readUInt32LE(4)] ?? 'blocked';
    const waitsIn = state === 'blocked' ? await this.functionAt(thread.readUInt32LE(12)) : undefined;
    return {
      id: thread.readUInt32LE(0),
      state,
      ...(waitsIn === undefined ? {} : { waitsIn }),
      cpu: thread.readUInt32LE(8),
      name: thread.toString('utf8', 16, 48).replace(/\0.*$/s, ''),
      registers: names.map((name, index) => [name, thread.readBigUInt64LE(48 + 8 * index)]),
    };
  }

  /** The name of a function without the library OS's prefix of handlers. */
  private async functionAt(address: number): Promise<string | undefined> {
    if (address === 0) return undefined;
    const found = await this.gdb.send('data-evaluate-expression', [`(void (*)()) ${address}`]).catch(() => undefined);
    return /<(?:libos_sys_)?(\w+)>/.exec(text(found?.['value']))?.[1];
  }

  private async bytes(address: bigint, count: number): Promise<Buffer> {
    const words = [`0x${address.toString(16)}`, String(count)];
    const { memory } = await this.gdb.send('data-read-memory-bytes', words);
    const read = Buffer.from(text(tuple(list(memory)[0])['contents']), 'hex');
    if (read.length < count) throw new RangeError(`Only ${read.length} of ${count} bytes can be read.`);
    return read;
  }
}
