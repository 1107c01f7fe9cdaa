import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Artifact } from '../../src/build/artifact';
import type { LaunchArguments } from '../../src/debug/arguments';
import { findGdb } from '../../src/gdb/find';
import type { Target } from '../../src/targets';
import { AdapterSession, firstLineOfMain } from './adapter';
import { BareSession } from './bareGdb';
import { benchTargets } from './boot';
import { BareQemu } from './guest';
import { timed, type Measurement } from './measure';
import type { Project, Projects } from './projects';

/** Starts debug sessions of a project, through our adapter and without it. */
export class Debugging {
  private constructor(
    private readonly artifact: Artifact,
    private readonly target: Target,
    private readonly qemu: BareQemu,
    private readonly gdbPath: string,
    private readonly mainFile: string,
    private readonly line: number,
  ) {}

  static async of(project: Project, target: Target): Promise<Debugging> {
    const artifact = await project.artifact(target.architecture);
    const { path } = await findGdb(target.architecture, undefined, new AbortController().signal);
    const line = await firstLineOfMain(project.mainFile);
    return new Debugging(artifact, target, await BareQemu.find(target), path, project.mainFile, line);
  }

  /** Through the adapter, whose process starts with it. */
  launch(fields: Partial<LaunchArguments> = {}): Promise<AdapterSession> {
    return AdapterSession.launchToMain(this.artifact, this.target, this.mainFile, this.line, fields);
  }

  launchBare(): Promise<BareSession> {
    return BareSession.launchToMain(this.artifact, this.qemu, this.gdbPath);
  }
}

/** How long it takes until something is there; it is ended after. */
export async function timedUntil(start: () => Promise<{ end(): Promise<void> }>): Promise<number> {
  let session: { end(): Promise<void> } | undefined;
  const milliseconds = await timed(async () => (session = await start()));
  await session?.end();
  return milliseconds;
}

/** From starting the debug adapter to the stop in main of a program that is built, beside gdb and QEMU alone. */
export function launchMeasurements(projects: Projects): Measurement[] {
  return benchTargets.map((target) => ({
    name: `launch-${target.id}`,
    unit: 'ms',
    limit: { value: 250 },
    repetitions: 15,
    prepare: async () => {
      const debugging = await Debugging.of(await projects.get('hello'), target);
      return {
        value: () => timedUntil(() => debugging.launch()),
        reference: () => timedUntil(() => debugging.launchBare()),
      };
    },
  }));
}

/**
 * Puts this process, and those that it starts from then on, before all others of this computer, or back: chrt(1). Much of a step is
 * passages from process to process, between which others would come. Where it is not permitted, nothing changes.
 */
async function setRealTime(isRealTime: boolean): Promise<void> {
  const policy = isRealTime ? ['--rr', '--pid', '10'] : ['--other', '--pid', '0'];
  await promisify(execFile)('chrt', [...policy, String(process.pid)]).catch(() => undefined);
}

/** One step over a line with the stack and the locals, in two sessions side by side. */
export function nextMeasurements(projects: Projects): Measurement[] {
  return benchTargets.map((target) => ({
    name: `next-${target.id}`,
    unit: 'ms',
    limit: { ratio: 1.3 },
    repetitions: 60,
    prepare: async () => {
      const project = await projects.get('steps', await readFile(join(__dirname, 'steps.c'), 'utf8'));
      const debugging = await Debugging.of(project, target);
      await setRealTime(true);
      const session = await debugging.launch();
      const bare = await debugging.launchBare();
      return {
        value: () => timed(() => session.step()),
        reference: () => timed(() => bare.step()),
        end: async () => {
          await Promise.all([session.end(), bare.end()]);
          await setRealTime(false);
        },
      };
    },
  }));
}

/** The debug adapter's memory at the stop in main of a program whose ELF has 60 MB, beside a Node that does nothing. */
export function memoryMeasurement(projects: Projects): Measurement {
  return {
    name: 'adapter-memory',
    unit: 'kB',
    limit: { value: 80 * 1024 },
    repetitions: 5,
    prepare: async () => {
      const [target] = benchTargets;
      const project = await projects.get('hello');
      const debugging = await Debugging.of(project, target!);
      const symbols = join(await projects.folder(), 'large.elf');
      const padding = join(await projects.folder(), 'padding');
      await writeFile(padding, Buffer.alloc(60e6));
      const { symbols: small } = await project.artifact(target!.architecture);
      await promisify(execFile)('objcopy', ['--add-section', `.debug_padding=${padding}`, small, symbols]);
      return {
        value: async () => {
          const session = await debugging.launch({ symbols });
          const memory = await session.residentMemory();
          await session.end();
          return memory;
        },
        reference: async () => {
          const { stdout } = await promisify(execFile)(process.execPath, ['-p', 'process.memoryUsage.rss() / 1024']);
          return Number(stdout);
        },
      };
    },
  };
}
