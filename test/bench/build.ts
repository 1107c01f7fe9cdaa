import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { architectures, defaultTarget } from '../../src/targets';
import { benchTargets } from './boot';
import { Debugging, timedUntil } from './debug';
import { BareQemu } from './guest';
import { timed, type Measurement } from './measure';
import { BuildContainer } from './plainBuild';
import { root, type Project, type Projects } from './projects';

/** From an edited line to the stop in main, beside a plain compiler in the same container and gdb and QEMU alone. */
export function rebuildMeasurements(projects: Projects): Measurement[] {
  return benchTargets.map((target) => ({
    name: `rebuild-${target.id}`,
    unit: 'ms',
    limit: { value: 1500 },
    repetitions: 7,
    prepare: async () => {
      const project = await projects.get('edited');
      const debugging = await Debugging.of(project, target);
      const container = await BuildContainer.of(project);
      const source = await readFile(project.mainFile, 'utf8');
      let edits = 0;
      const edit = (): Promise<void> => writeFile(project.mainFile, source.replace('Hello', `Hello ${++edits}`));
      return {
        value: async () => {
          await edit();
          return timedUntil(async () => {
            await project.build(target.architecture);
            return debugging.launch();
          });
        },
        reference: () =>
          timedUntil(async () => {
            await container.buildPlain(target.architecture);
            return debugging.launchBare();
          }),
        end: () => writeFile(project.mainFile, source),
      };
    },
  }));
}

/** A build with nothing to do, beside what the build's own program needs for it in the container. */
export function unchangedMeasurement(projects: Projects): Measurement {
  const { architecture } = defaultTarget;
  return {
    name: `build-unchanged-${architecture}`,
    unit: 'ms',
    repetitions: 10,
    prepare: async () => {
      const project = await projects.get('hello');
      const container = await BuildContainer.of(project);
      return {
        value: () => timed(() => project.build(architecture)),
        reference: () => timed(() => container.execute('/usr/lib/unikernel/bin/unikernel-build', architecture)),
      };
    },
  };
}

/** `unikernel build` after `unikernel clean`, beside a plain compiler in a new container of the same image. */
export function cleanBuildMeasurements(projects: Projects): Measurement[] {
  const cases = [
    ...benchTargets.map(({ id, architecture }) => ({ of: [architecture], args: ['--target', id] })),
    { of: [...architectures], args: [] },
  ];
  return cases.map(({ of, args }) => ({
    name: `clean-build-${of.length === 1 ? of.join() : 'both'}`,
    unit: 'ms',
    limit: { value: 3000 },
    repetitions: 4,
    prepare: async () => {
      const project = await projects.get('cleaned');
      await project.build(...of);
      const container = await BuildContainer.of(project);
      const image = await container.image();
      return {
        value: async () => {
          await unikernel(project, 'clean');
          return timed(() => unikernel(project, 'build', ...args));
        },
        reference: () => timed(() => container.buildPlainAnew(image, ...of)),
      };
    },
  }));
}

/** `unikernel run`, with nothing to build, to the end of hello; beside QEMU alone to its first line. */
export function runMeasurements(projects: Projects): Measurement[] {
  return benchTargets.map((target) => ({
    name: `run-${target.id}`,
    unit: 'ms',
    repetitions: 7,
    prepare: async () => {
      const project = await projects.get('hello');
      const { image } = await project.artifact(target.architecture);
      const qemu = await BareQemu.find(target);
      const folder = await projects.folder();
      return {
        value: () => timed(() => unikernel(project, 'run', '--target', target.id)),
        reference: () => qemu.firstLine(image, folder),
      };
    },
  }));
}

/** The command line in a process of its own, as a person starts it. */
async function unikernel(project: Project, ...args: string[]): Promise<void> {
  const command = promisify(execFile)(process.execPath, [join(root, 'dist', 'cli.js'), ...args], {
    cwd: project.folder,
  });
  command.child.stdin?.end();
  await command;
}
