import type { Guest } from '../qemu/guest';
import { listSnapshots, loadSnapshot, monitor, saveSnapshot, type Snapshot } from '../qemu/snapshots';
import type { Debuggee } from './debuggee';
import { debuggerRunsGuest, notOurGuest, runIsRecorded } from './errors';
import { consoleOutput } from '../gdb/console';
import type { Handlers } from './requests';

/** The requests about the machine itself, which are not of the Debug Adapter Protocol. */
export interface MachineRequests {
  /** Keeps the whole machine under a name; a snapshot of the same name is replaced. */
  'unikernel.saveSnapshot': { arguments: { name: string }; body: undefined };
  'unikernel.restoreSnapshot': { arguments: { name: string }; body: undefined };
  'unikernel.snapshots': { arguments: undefined; body: { snapshots: Snapshot[] } };
  /** As the machine's reset button; the guest stands still at its first instruction. */
  'unikernel.reset': { arguments: undefined; body: undefined };
  /** As by pulling the plug. */
  'unikernel.powerOff': { arguments: undefined; body: undefined };
  /** Runs a command of QEMU's monitor. */
  'unikernel.monitor': { arguments: { command: string }; body: { output: string } };
  /** What is where in the machine's memory, for a person to read. */
  'unikernel.memoryMap': { arguments: { threadId?: number } | undefined; body: { content: string } };
  /** Where a virtual address lies in physical memory as a CPU sees it, in hexadecimal; undefined where nothing is mapped. */
  'unikernel.translate': {
    arguments: { address: string; threadId?: number };
    body: { physicalAddress?: string };
  };
}

/** The requests about the machine that the guest runs on. */
export const machineHandlers = {
  'unikernel.saveSnapshot': async (debuggee, { name }) => {
    const guest = ownGuest(debuggee);
    await debuggee.execution.whileStopped(() => saveSnapshot(guest, name));
    return undefined;
  },
  'unikernel.restoreSnapshot': (debuggee, { name }) =>
    change(debuggee, `Snapshot "${name}" restored`, (guest) => loadSnapshot(guest, name)),
  'unikernel.snapshots': async (debuggee) => ({ snapshots: await listSnapshots(ownGuest(debuggee)) }),
  'unikernel.reset': (debuggee) => change(debuggee, 'Reset', (guest) => guest.reset()),
  'unikernel.powerOff': async ({ guest }) => {
    if (guest === undefined) throw notOurGuest();
    await guest.powerOff();
    return undefined;
  },
  'unikernel.monitor': async (debuggee, { command }) => {
    // gdb would not hear of it.
    if (/^\s*(c|cont)\b/.test(command)) throw debuggerRunsGuest();
    return { output: await ask(debuggee, command) };
  },
  'unikernel.memoryMap': async (debuggee, args) => ({ content: await describeMemory(debuggee, args?.threadId) }),
  'unikernel.translate': async (debuggee, { address, threadId }) => {
    // Answers `gpa: 0x200000`, or `Unmapped`.
    const answer = await ask(debuggee, `gva2gpa 0x${BigInt(address).toString(16)}`, threadId);
    const physicalAddress = /gpa: (0x[0-9a-f]+)/.exec(answer)?.[1];
    return physicalAddress === undefined ? {} : { physicalAddress };
  },
} satisfies Handlers;

/** The guest, where its state may be changed. */
function ownGuest({ guest, history }: Debuggee): Guest {
  if (guest === undefined) throw notOurGuest();
  if (history !== undefined) throw runIsRecorded();
  return guest;
}

/** Changes the state of the machine, which stands still after, as at any other stop. */
async function change(
  debuggee: Debuggee,
  description: string,
  action: (guest: Guest) => Promise<void>,
): Promise<undefined> {
  const guest = ownGuest(debuggee);
  const { execution } = debuggee;
  if (execution.running) await execution.pause();
  await execution.whileStopped(async () => {
    await action(guest);
    await debuggee.machineChanged();
  });
  execution.report({ description });
  return undefined;
}

/** Asks QEMU's monitor, as of a thread's CPU; gdb hands the question on where the guest is not ours. */
function ask({ guest, gdb, execution }: Debuggee, command: string, thread = 1): Promise<string> {
  if (guest !== undefined) return monitor(guest, command, undefined, thread - 1);
  return execution.whileStopped(() => consoleOutput(gdb, `monitor ${command}`));
}

/** The registers that say how addresses are translated, of either architecture. */
const translationRegisters = 'cr0 cr3 cr4 efer SCTLR TCR_EL1 TTBR0_EL1 TTBR1_EL1 MAIR_EL1'.split(' ');

async function describeMemory(debuggee: Debuggee, thread?: number): Promise<string> {
  const { gdb, execution } = debuggee;
  const registers = await execution.whileStopped(async () => {
    let lines = '';
    for (const name of translationRegisters) {
      const line = await consoleOutput(gdb, `info registers ${name}`).catch(() => '');
      if (line !== '') lines += `${line}\n`;
    }
    return lines.trimEnd();
  });
  // Only x86's page tables can be read by QEMU 7.2; others answer that the command is not known.
  const mapped = (await ask(debuggee, 'info mem', thread)).trim();
  const sections = [
    ['How addresses are translated', registers],
    ['Virtual memory: start, end, size, access', /^[0-9a-f]/.test(mapped) ? mapped : ''],
    ['Physical memory', memoryFirst(await ask(debuggee, 'info mtree -f'))],
  ] as const;
  return sections
    .filter(([, content]) => content !== '')
    .map(([title, content]) => `${title}\n${'='.repeat(title.length)}\n${content}\n`)
    .join('\n');
}

/** QEMU prints its flat views in any order: the one that the CPUs see comes first. */
function memoryFirst(views: string): string {
  const isSystem = (view: string): number => Number(/Root memory region: system\s*$/m.test(view));
  return views
    .split(/^FlatView #\d+\s*\n/m)
    .sort((one, other) => isSystem(other) - isSystem(one))
    .map((view) => view.trim())
    .filter((view) => view !== '')
    .join('\n\n');
}
