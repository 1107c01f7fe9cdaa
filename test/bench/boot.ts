import { defaultTarget } from '../../src/targets';
import { aarch64Virt } from '../../src/targets/aarch64-virt';
import { BareQemu, buildStub } from './guest';
import type { Measurement } from './measure';
import type { Projects } from './projects';

export const benchTargets = [defaultTarget, aarch64Virt];

/** From starting QEMU to the first line on the console, beside the smallest guest that prints one. */
export function bootMeasurements(projects: Projects): Measurement[] {
  return benchTargets.map((target) => ({
    name: `boot-${target.id}`,
    unit: 'ms',
    limit: { ratio: 1.2 },
    repetitions: 25,
    prepare: async () => {
      const { image } = await (await projects.get('hello')).artifact(target.architecture);
      const folder = await projects.folder();
      const stub = await buildStub(target.architecture, folder);
      const qemu = await BareQemu.find(target);
      return { value: () => qemu.firstLine(image, folder), reference: () => qemu.firstLine(stub, folder) };
    },
  }));
}
