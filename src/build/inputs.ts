import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { glob } from 'tinyglobby';
import type { Project } from '../project/project';
import type { Architecture } from '../targets';
import type { BuildInput, Toolchain } from '../toolchain';
import { buildFolderName } from './artifact';
import { badSourcePath, fixedProgram, missingProgram, noProgram, noSources, uselessProgram } from './errors';
import { planFiles } from './plan';

/** Collects what a build for the architectures needs, and the plan: sources, or programs. */
export async function collectInputs(
  project: Project,
  toolchain: Toolchain,
  architectures: readonly Architecture[],
): Promise<BuildInput[]> {
  if (toolchain.takes === 'program') {
    if (project.configuration.aslr !== false) throw fixedProgram(project.configuration.language);
    return collectPrograms(project, architectures);
  }
  if (project.configuration.program !== undefined) throw uselessProgram(project.configuration.language);
  return collectSources(project, toolchain);
}

/** The programs of the architectures that are built, and of the others as far as they are there. */
async function collectPrograms(
  { folder, configuration }: Project,
  architectures: readonly Architecture[],
): Promise<BuildInput[]> {
  const { program } = configuration;
  const programs: Partial<Record<Architecture, string>> = {};
  for (const architecture of new Set([...architectures, ...configuration.targets])) {
    const isBuilt = architectures.includes(architecture);
    const path = typeof program === 'string' ? program : program?.[architecture];
    if (path === undefined) {
      if (isBuilt) throw noProgram(architecture);
      continue;
    }
    const missing = await access(join(folder, path)).then(
      () => undefined,
      (error: unknown) => missingProgram(path, error),
    );
    if (missing === undefined) programs[architecture] = path;
    else if (isBuilt) throw missing;
  }
  return [
    ...[...new Set(Object.values(programs))].map((path) => ({
      path: `project/${path}`,
      content: { file: join(folder, path) },
    })),
    ...planFiles(configuration, [], programs),
  ];
}

/** Sources, and what they may include anywhere in the project. */
async function collectSources({ folder, configuration }: Project, toolchain: Toolchain): Promise<BuildInput[]> {
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
