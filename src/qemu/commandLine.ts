import type { Target } from '../targets';
import { placeOfArchive, type Archive } from './archive';
import type { Network } from '../project/network';
import type { Share } from '../project/share';
import { networkArguments } from './network';
import type { Recording } from './record';
import { escapeCommas, shareArguments } from './shares';

/** The sockets in the guest's private folder. */
export interface GuestSockets {
  readonly qmp: string;
  readonly serial: string;
  /** Only when a debugger will connect. */
  readonly gdb?: string;
}

export interface GuestCommandLine {
  readonly machine: Target['machine'];
  readonly accelerator: 'kvm' | 'hvf' | 'tcg';
  /** What boots; undefined where the additional arguments say it. */
  readonly image: string | undefined;
  readonly files?: Archive | undefined;
  /** Memory as QEMU takes it, such as `64M`. */
  readonly memory: string;
  readonly sockets: GuestSockets;
  /** The program's arguments, handed over on the kernel's command line. */
  readonly kernelArguments?: readonly string[];
  /** Undefined: no network card. */
  readonly network?: Network | undefined;
  /** Folders of this computer that the guest has as its own. */
  readonly shares?: readonly Share[] | undefined;
  /** The disk that snapshots are kept on. */
  readonly snapshotDisk?: string | undefined;
  /** A snapshot that the guest begins with. */
  readonly restoredSnapshot?: string | undefined;
  /** Records the run, or runs as recorded. */
  readonly recording?: Recording | undefined;
  /** Arguments of the person's own, last so that they win. */
  readonly additionalArguments?: readonly string[];
}

/**
 * The arguments that start a guest, frozen before its first instruction.
 * A guest that ends or reboots is paused instead, so that its exit status can be read.
 */
export function guestArguments(options: GuestCommandLine): string[] {
  const { machine, sockets, recording, files, shares = [], kernelArguments = [], additionalArguments = [] } = options;
  const words = kernelArguments.map(quoteWord);
  if (files !== undefined && machine.archive === 'memory') words.unshift(placeOfArchive(files));
  const disk = options.snapshotDisk;
  return [
    ...machine.arguments,
    ...['-accel', options.accelerator === 'tcg' ? emulation(additionalArguments) : options.accelerator],
    ...['-cpu', options.accelerator === 'tcg' ? machine.emulatedCpu : 'host'],
    ...['-m', options.memory],
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-action', 'reboot=shutdown,shutdown=pause'],
    '-S',
    ...['-chardev', socketChardev('serial0', sockets.serial), '-serial', 'chardev:serial0'],
    ...['-chardev', socketChardev('qmp0', sockets.qmp), '-mon', 'chardev=qmp0,mode=control'],
    ...(sockets.gdb === undefined ? [] : ['-chardev', socketChardev('gdb0', sockets.gdb), '-gdb', 'chardev:gdb0']),
    ...(disk === undefined ? [] : ['-drive', `file=${escapeCommas(disk)},format=qcow2,if=none,id=snapshots`]),
    ...(options.network === undefined && shares.length === 0 ? [] : machine.virtio),
    ...shareArguments(shares, machine),
    ...(options.network === undefined ? [] : networkArguments(options.network, machine)),
    // What comes in is part of a recorded run.
    ...(options.network && recording ? ['-object', 'filter-replay,id=replay0,netdev=network0'] : []),
    ...(options.restoredSnapshot === undefined ? [] : ['-loadvm', options.restoredSnapshot]),
    ...(recording === undefined ? [] : recordingArguments(recording, machine)),
    ...(options.image === undefined ? [] : ['-kernel', options.image]),
    ...(files === undefined ? [] : archiveArguments(files, machine)),
    ...(words.length === 0 ? [] : ['-append', words.join(' ')]),
    ...additionalArguments,
  ];
}

/**
 * Software emulation. Of the thread that takes all CPUs in turn, QEMU stops the clock while a debugger steps (rr_cpu_thread_fn in
 * accel/tcg/tcg-accel-ops-rr.c, 7.2). Elsewhere a timer may end the step before its instruction, and gdb, which steps over the breakpoint
 * that it goes on from, stops there once more. One CPU alone loses nothing by that.
 */
function emulation(additionalArguments: readonly string[]): string {
  return additionalArguments.some((word) => /^--?smp$/.test(word)) ? 'tcg' : 'tcg,thread=single';
}

/** QEMU hands an initrd to a PVH image, and to none that is an ELF for Arm: there it is put into memory. */
function archiveArguments({ path, address }: Archive, { archive }: Target['machine']): string[] {
  if (archive === 'initrd') return ['-initrd', path];
  return ['-device', `loader,file=${escapeCommas(path)},addr=${address},force-raw=on`];
}

/** Time passes by instructions then, so that it passes the same way again. */
function recordingArguments({ mode, log }: Recording, machine: Target['machine']): string[] {
  return [
    ...['-icount', `shift=auto,rr=${mode},rrfile=${escapeCommas(log)},rrsnapshot=init`],
    // QEMU 7.2 deadlocks with the patches that this makes to the guest's code.
    ...(machine.program === 'qemu-system-x86_64' ? ['-global', 'apic.vapic=off'] : []),
  ];
}

function socketChardev(id: string, path: string): string {
  return `socket,path=${escapeCommas(path)},server=on,wait=off,id=${id}`;
}

/** Quotes a word that a shell-like splitter would split. */
function quoteWord(word: string): string {
  return /^[^\s"'\\]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`;
}
