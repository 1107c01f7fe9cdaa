import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Artifact } from '../../src/build/artifact';
import { readArtifact } from '../../src/build/build';
import type * as Core from '../../src/core';
import { findInstallation } from '../../src/installation';
import { architectures, type Architecture } from '../../src/targets';

export const root = resolve(__dirname, '../..');
const { signal } = new AbortController();

/** The product's bundle, as the editor loads it. */
export async function loadCore(): Promise<typeof Core> {
  return (await import(join(root, 'dist', 'core.js'))) as typeof Core;
}

/** A project that was made from the template and built for both architectures. */
export class Project {
  constructor(readonly folder: string) {}

  get mainFile(): string {
    return join(this.folder, 'src', 'main.c');
  }

  artifact(architecture: Architecture): Promise<Artifact> {
    return readArtifact(this.folder, architecture);
  }

  /** Builds as the editor does: everything is opened anew but the code. */
  async build(...wanted: Architecture[]): Promise<void> {
    const { buildProject, loadProject, openEngine } = await loadCore();
    const installation = findInstallation(root);
    const { project } = await loadProject(this.folder);
    if (project === undefined) throw new Error(`${this.folder} has a wrong unikernel.json.`);
    let output = '';
    const results = await buildProject(project, wanted, {
      engine: await openEngine('auto', installation, signal),
      toolchainsFolder: installation.toolchains,
      libraryOsFolder: installation.libraryOs,
      progress: () => undefined,
      onOutput: (_, text) => (output += text),
      signal,
    });
    if (results.some(({ artifact }) => artifact === undefined)) throw new Error(`The build failed:\n${output}`);
  }

  /** Removes what was built, and the container. */
  async clean(): Promise<void> {
    const { cleanProject, openEngine } = await loadCore();
    await cleanProject(this.folder, await openEngine('auto', findInstallation(root), signal));
  }
}

/** The projects that measurements share, each made when it is first asked for. */
export class Projects {
  private readonly projects = new Map<string, Promise<Project>>();
  private temporary: Promise<string> | undefined;

  /** A private folder for whatever a measurement needs; it is removed at the end. */
  folder(): Promise<string> {
    this.temporary ??= mkdtemp(join(tmpdir(), 'unikernel-bench-'));
    return this.temporary;
  }

  /** The project of that name: hello from the template, or with another main.c. */
  get(name: string, source?: string): Promise<Project> {
    const present = this.projects.get(name) ?? this.create(name, source);
    this.projects.set(name, present);
    return present;
  }

  /** The project of a program that is linked already: MAKE gives it for each architecture. FILES is a folder with its root. */
  ready(name: string, make: (architecture: Architecture) => Promise<string>, files?: string): Promise<Project> {
    const present = this.projects.get(name) ?? this.createReady(name, make, files);
    this.projects.set(name, present);
    return present;
  }

  /** Leaves nothing behind. */
  async close(): Promise<void> {
    for (const project of this.projects.values()) await (await project.catch(() => undefined))?.clean();
    if (this.temporary !== undefined) await rm(await this.temporary, { recursive: true, force: true });
  }

  private async createReady(
    name: string,
    make: (architecture: Architecture) => Promise<string>,
    files: string | undefined,
  ): Promise<Project> {
    const project = new Project(join(await this.folder(), name));
    await mkdir(join(project.folder, 'files'), { recursive: true });
    for (const architecture of architectures) await cp(await make(architecture), join(project.folder, architecture));
    if (files !== undefined) await cp(files, join(project.folder, 'files'), { recursive: true });
    const program = Object.fromEntries(architectures.map((architecture) => [architecture, architecture]));
    const configuration = { name, language: 'elf', targets: architectures, program, files: 'files' };
    await writeFile(join(project.folder, 'unikernel.json'), JSON.stringify(configuration));
    await project.build(...architectures);
    return project;
  }

  private async create(name: string, source: string | undefined): Promise<Project> {
    const { createProject, listTemplates } = await loadCore();
    const template = (await listTemplates(findInstallation(root).templates)).find(({ id }) => id === 'c-hello');
    if (template === undefined) throw new Error('There is no template c-hello.');
    const project = new Project(join(await this.folder(), name));
    await createProject(template, project.folder, 'hello');
    if (source !== undefined) await writeFile(project.mainFile, source);
    await project.build(...architectures);
    return project;
  }
}
