import { join } from 'node:path';
import { glob } from 'tinyglobby';
import type { Project } from '../project/project';
import type { BuildInput, Toolchain } from '../toolchain';
import { buildFolderName } from './artifact';
import { badSourcePath, noSources } from './errors';
import { planFiles } from './plan';

/** Collects what a build needs: sources, what they may include anywhere in the project, and the plan. */
export async function collectInputs({ folder, configuration }: Project, toolchain: Toolchain): Promise<BuildInput[]> {
  const options = {
    cwd: folder,
    dot: false,
    expandDirectories: false,
    followSymbolicLinks: false,
    ignore: [`${buildFolderName}/**`, '**/node_modules/**', '**/.*/**'],
  };
  const [matched, included] = await Promise.all([
    glob(configuration.sources, options),
    glob(
      // Also sources: many a program includes one that is not compiled by itself.
      [...toolchain.headerExtensions, ...toolchain.sourceExtensions].map((extension) => `**/*${extension}`),
      options,
    ),
  ]);
  const sources = matched.filter((path) => toolchain.sourceExtensions.some((ending) => path.endsWith(ending))).sort();
  if (sources.length === 0) throw noSources(configuration.sources, toolchain.sourceExtensions);
  const files = [...new Set([...sources, ...included])];
  const bad = files.find((path) => /[\r\n]/.test(path) || path.startsWith('..'));
  if (bad !== undefined) throw badSourcePath(bad);
  return [
    ...files.map((path) => ({ path: `project/${path}`, content: { file: join(folder, path) } })),
    ...planFiles(configuration, sources),
  ];
}
