import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { benchTargets } from './boot';
import { BareQemu } from './guest';
import type { Measurement } from './measure';
import type { Projects } from './projects';

const run = promisify(execFile);
const source = join(__dirname, 'calls.c');
const names = ['getpid', 'clock_gettime', 'futex-wake', 'thread-switch'];

/** `getpid 300.5 clock_gettime …` -> the number behind the name. */
function valueOf(name: string, line: string): number {
  const words = line.split(' ');
  return Number(words[words.indexOf(name) + 1]);
}

/** What single calls take in a guest, beside the same program on this computer, where nothing is emulated. */
export function callMeasurements(projects: Projects): Measurement[] {
  return benchTargets.flatMap((target) =>
    names.map((name): Measurement => ({
      name: `${name}-${target.id}`,
      unit: 'ns',
      repetitions: 5,
      prepare: async () => {
        const project = await projects.get('calls', await readFile(source, 'utf8'));
        const { image } = await project.artifact(target.architecture);
        const folder = await projects.folder();
        const native = join(folder, 'calls-native');
        await run('gcc', ['-O2', '-static', '-pthread', '-o', native, source]);
        const qemu = await BareQemu.find(target);
        return {
          value: async () => valueOf(name, (await qemu.line(image, folder)).text),
          reference: async () => valueOf(name, (await run(native)).stdout),
        };
      },
    })),
  );
}
