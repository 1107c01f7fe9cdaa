import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Measurement } from './measure';
import { root } from './projects';

/** Loading and activating the extension in a Node of its own, and the size of the bundle that is loaded for it. */
export const extensionMeasurements: readonly Measurement[] = [
  {
    name: 'activation',
    unit: 'ms',
    limit: { value: 30 },
    repetitions: 15,
    prepare: () =>
      Promise.resolve({
        value: async () =>
          Number((await promisify(execFile)(process.execPath, [join(__dirname, 'activate.cjs'), root])).stdout),
      }),
  },
  {
    name: 'activation-bundle',
    unit: 'bytes',
    limit: { value: 150_000 },
    repetitions: 1,
    prepare: () => Promise.resolve({ value: async () => (await stat(join(root, 'dist', 'extension.js'))).size }),
  },
];
