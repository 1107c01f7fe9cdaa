import { stat } from 'node:fs/promises';
import { architectures } from '../../src/targets';
import type { Measurement } from './measure';
import { BuildContainer } from './plainBuild';
import type { Projects } from './projects';

const limits = { x86_64: 40_000, aarch64: 50_000 };

/** The stripped image of hello, beside the same program for Linux: static, same compiler, same C library. */
export function imageMeasurements(projects: Projects): Measurement[] {
  return architectures.map((architecture) => ({
    name: `image-${architecture}`,
    unit: 'bytes',
    limit: { value: limits[architecture] },
    repetitions: 1,
    prepare: async () => {
      const project = await projects.get('hello');
      const { image } = await project.artifact(architecture);
      const container = await BuildContainer.of(project);
      return {
        value: async () => (await stat(image)).size,
        reference: async () => (await container.buildPlain(architecture))[0] ?? NaN,
      };
    },
  }));
}
