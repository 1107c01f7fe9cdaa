import { readFile } from 'node:fs/promises';
import type { Artifact } from '../build/artifact';
import { messageOf } from '../errors';
import { symbolise } from '../gdb/symbolise';
import { readIfElf, type Elf } from '../image/elf';
import { inspectKernel, type KernelFile } from '../image/kernel';
import { findExitRecord } from '../qemu/exitRecord';
import { createRecording } from '../qemu/record';
import type { GuestOptions } from '../qemu/guest';
import { defaultTarget, findTarget, type Architecture, type Machine, type Target } from '../targets';
import type { AttachArguments, LaunchArguments } from './arguments';
import { readDump } from './dump';
import { elf64Needed, nothingToBoot, notBootable, unreadable, wrongTarget } from './errors';
import type { GdbPlan } from './gdbSetup';

/** What a launch starts, from its arguments and the artifact. */
export interface LaunchPlan {
  readonly name: string;
  readonly target: Target;
  readonly guest: GuestOptions;
  readonly gdb: GdbPlan;
}

/** Reads the artifact or the kernel and decides what to boot, on what, and how. */
export async function planLaunch(args: LaunchArguments): Promise<LaunchPlan> {
  const dump = args.dump === undefined ? undefined : await readDump(args.dump);
  const artifact = dump?.artifact ?? (args.artifact === undefined ? undefined : await readArtifact(args.artifact));
  const image = args.kernel ?? artifact?.image;
  const given = listOf(args.symbols);
  // Without an image, what QEMU is to boot is in its arguments: a disk, a CD, firmware.
  if (image === undefined && (given.length === 0 || args.qemuArgs === undefined)) throw nothingToBoot();
  const kernel = args.kernel === undefined ? undefined : inspectKernel(await read(args.kernel));
  const symbols = given.length > 0 ? given : symbolsOf(args.kernel, kernel, artifact);
  const elf = await readSymbols(symbols);
  const architecture = elf?.machine;
  const target = chooseTarget(dump?.target ?? args.target, kernel, architecture, artifact !== undefined);
  checkFit(args.kernel, kernel, target);
  if (architecture !== undefined && architecture !== target.architecture) {
    throw wrongTarget(symbols[0] ?? '', architecture, target.id);
  }
  const sourceMap = { ...artifact?.sourceMap, ...args.sourceMap };
  const [described] = symbols;
  return {
    name: artifact?.name ?? image ?? described ?? '',
    target,
    guest: {
      machine: machineOf(target.machine, args.machine),
      image,
      files: args.kernel === undefined ? artifact?.files : undefined,
      network: args.kernel === undefined ? artifact?.network : undefined,
      shares: args.kernel === undefined && dump === undefined ? artifact?.shares : undefined,
      memory: dump?.memory ?? args.memory ?? artifact?.memory ?? '128M',
      qemuPath: args.qemuPath,
      kernelArguments: args.args,
      additionalArguments: [...machineArguments(args.machine), ...(args.qemuArgs ?? [])],
      exitRecord: elf && findExitRecord(elf),
      describeReport:
        described === undefined
          ? undefined
          : (report) =>
              symbolise(report, {
                ...{ architecture: target.architecture, symbols: described, sourceMap },
                ...{ gdbPath: args.gdbPath, folder: args.project },
              }),
      debug: args.noDebug !== true,
      crashed: args.dump,
      recording:
        args.record === true && args.noDebug !== true && dump === undefined ? await createRecording() : undefined,
    },
    gdb: {
      ...{ architecture: target.architecture, gdbPath: args.gdbPath, symbols, elf, sourceMap },
      // The code is in what boots; a separate file may have descriptions only.
      executable: kernel?.elfBits === 64 ? args.kernel : undefined,
      loadOffset: args.loadOffset,
      commands: args.gdbCommands ?? [],
    },
  };
}

/** What gdb has to know to attach. */
export async function planAttach(args: AttachArguments): Promise<GdbPlan> {
  const symbols = listOf(args.symbols);
  const target = args.target === undefined ? undefined : findTarget(args.target);
  const elf = await readSymbols(symbols);
  return {
    architecture: elf?.machine ?? (target ?? defaultTarget).architecture,
    gdbPath: args.gdbPath,
    symbols,
    elf,
    executable: undefined,
    loadOffset: args.loadOffset,
    commands: args.gdbCommands ?? [],
    sourceMap: args.sourceMap ?? {},
  };
}

/** The target that was named, or else the one that such a file is made for. */
function chooseTarget(
  named: string | undefined,
  kernel: KernelFile | undefined,
  symbols: Architecture | undefined,
  isArtifact: boolean,
): Target {
  const target = named === undefined ? undefined : findTarget(named);
  if (target !== undefined) return target;
  const architecture = kernel?.architecture ?? symbols;
  if (architecture === 'aarch64') return findTarget('aarch64-virt') ?? defaultTarget;
  // A PVH entry is what our own images have; others expect a PC.
  const isOurs = kernel === undefined ? isArtifact : kernel.protocol === 'pvh';
  return (isOurs ? undefined : findTarget('x86_64-q35')) ?? defaultTarget;
}

/** Says what QEMU and gdb would say less clearly, or not at all. */
function checkFit(path: string | undefined, kernel: KernelFile | undefined, target: Target): void {
  if (path === undefined || kernel === undefined) return;
  if (kernel.architecture !== undefined && kernel.architecture !== target.architecture) {
    throw wrongTarget(path, kernel.architecture, target.id);
  }
  if (target.architecture !== 'x86_64') return;
  if (kernel.protocol === 'unknown') throw notBootable(path, 'It has neither a multiboot header nor a PVH note.');
  if (kernel.protocol === 'multiboot' && kernel.elfBits === 64) {
    throw notBootable(path, 'It is a 64-bit ELF, and QEMU boots multiboot kernels only from 32-bit ones.');
  }
}

/** What describes a kernel where the person names nothing: itself, when it is an ELF. */
function symbolsOf(
  path: string | undefined,
  kernel: KernelFile | undefined,
  artifact: Artifact | undefined,
): readonly string[] {
  if (path === undefined) return artifact === undefined ? [] : [artifact.symbols];
  return kernel?.elfBits === undefined ? [] : [path];
}

/** Reads the files with symbols, each of which has to be a 64-bit ELF; answers the first, the kernel's. */
async function readSymbols(paths: readonly string[]): Promise<Elf | undefined> {
  const elves = await Promise.all(
    paths.map(async (path) => {
      const elf = await readIfElf(path).catch((error: unknown) => {
        throw unreadable(path, messageOf(error));
      });
      if (elf?.machine === undefined) throw elf64Needed(path);
      return elf;
    }),
  );
  return elves[0];
}

/** The target's machine, or another of QEMU's on the same emulator. */
function machineOf(machine: Machine, wanted: LaunchArguments['machine']): Machine {
  const type = typeof wanted === 'string' ? wanted : wanted?.type;
  return type === undefined ? machine : { ...machine, arguments: ['-machine', type] };
}

function machineArguments(wanted: LaunchArguments['machine']): string[] {
  if (wanted === undefined || typeof wanted === 'string') return [];
  const { cpu, smp } = wanted;
  return [...(cpu === undefined ? [] : ['-cpu', cpu]), ...(smp === undefined ? [] : ['-smp', String(smp)])];
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? []);
}

async function readArtifact(path: string): Promise<Artifact> {
  const content = await read(path);
  try {
    return JSON.parse(content.toString('utf8')) as Artifact;
  } catch (error) {
    throw unreadable(path, messageOf(error));
  }
}

function read(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw unreadable(path, messageOf(error));
  });
}
