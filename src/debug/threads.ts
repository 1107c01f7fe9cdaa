import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Detour, Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple } from '../gdb/mi/record';
import { noCpuRunsIt } from './errors';
import type { GuestThread, GuestThreads } from './guestThreads';
import type { Handlers } from './requests';
import { SavedContexts } from './savedContexts';

/** The request for the CPUs, and the guest's own threads that none of them runs. */
export const threadHandlers = {
  threads: async ({ execution, threads }) => ({
    // A running guest cannot be asked.
    threads: execution.running ? threads.known() : await threads.list(),
  }),
} satisfies Handlers;

/** Threads with this number and above are the guest's own, those below are CPUs: gdb calls them threads. */
const firstGuestThread = 1_000_000;

/** True for a thread that no CPU runs. */
export function isGuestThread(thread: number): boolean {
  return thread >= firstGuestThread;
}

/** What the editor shows as threads. */
export class Threads {
  /** gdb's numbers of the CPUs. */
  private readonly cpus = new Set<number>();
  /** The editor's number of each thread of the guest's, which stays the same from stop to stop. */
  private readonly numbers = new Map<number, number>();
  /** The threads that no CPU runs, as of this stop. */
  private readonly waiting = new Map<number, GuestThread>();
  private readonly contexts = new SavedContexts();

  constructor(
    private readonly gdb: Gdb,
    private readonly guestThreads: GuestThreads,
  ) {
    gdb.on('notify', (name, { id }) => {
      if (name === 'thread-created') this.cpus.add(Number(text(id)));
      else if (name === 'thread-exited') this.cpus.delete(Number(text(id)));
    });
    gdb.addDetour((_, words) => this.detourOf(words));
  }

  /** The CPUs, as far as they are known without asking. */
  known(): DebugProtocol.Thread[] {
    const cpus = this.cpus.size === 0 ? [1] : [...this.cpus];
    return cpus.map((id) => ({ id, name: `CPU ${id - 1}` }));
  }

  /** The CPUs, with what they run, and the threads that wait for one. */
  async list(): Promise<DebugProtocol.Thread[]> {
    const [{ threads }, own] = await Promise.all([this.gdb.send('thread-info'), this.guestThreads.list()]);
    const shown = own.map((thread) => ({ thread, id: this.numberOf(thread) }));
    this.waiting.clear();
    for (const { thread, id } of shown) if (thread.state !== 'running') this.waiting.set(id, thread);
    return [
      ...list(threads).map((cpu) => showCpu(tuple(cpu), own)),
      ...[...this.waiting].map(([id, { name, state, waitsIn }]) => ({
        id,
        name: `${name} (${state}${waitsIn === undefined ? '' : ` in ${waitsIn}`})`,
      })),
    ];
  }

  /** Throws for a thread that no CPU runs: it cannot be stepped. */
  checkRuns(thread: number): void {
    if (isGuestThread(thread)) throw noCpuRunsIt(this.waiting.get(thread)?.name ?? 'The thread');
  }

  /** The guest goes on: its threads will wait elsewhere. */
  forget(): void {
    this.waiting.clear();
  }

  private detourOf([option, thread, ...words]: readonly string[]): Detour | undefined {
    const waiting = option === '--thread' ? this.waiting.get(Number(thread)) : undefined;
    return waiting && this.contexts.detour(waiting.registers, words);
  }

  private numberOf({ id }: GuestThread): number {
    const number = this.numbers.get(id) ?? firstGuestThread + this.numbers.size;
    this.numbers.set(id, number);
    return number;
  }
}

/** QEMU's details are `CPU#1 [halted ]`; while the guest stands still, that a CPU would run says nothing. */
function showCpu({ id, details }: MiTuple, guestThreads: readonly GuestThread[]): DebugProtocol.Thread {
  const [, number, state] = /^CPU#(\d+) \[(\w+)/.exec(text(details)) ?? [];
  const cpu = Number(number ?? Number(text(id)) - 1);
  const runs = guestThreads.find((thread) => thread.state === 'running' && thread.cpu === cpu);
  const what = state === 'halted' ? ' (halted)' : runs === undefined ? '' : `: ${runs.name}`;
  return { id: Number(text(id)), name: `CPU ${cpu}${what}` };
}
