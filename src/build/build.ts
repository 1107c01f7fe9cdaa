import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { ProjectConfiguration } from '../project/schema';
import { parsePort, type Network } from '../project/network';
import { parseShare, type Share } from '../project/share';
import type { Progress } from '../progress';
import type { Problem, Project } from '../project/project';
import type { Architecture } from '../targets';
import type { Builder, Engine } from '../toolchain';
import { findToolchain } from '../toolchain';
import { writeWhole } from '../toolchain/tar';
import type { Artifact } from './artifact';
import { buildFolderName, filesArchiveName, libraryName, projectName } from './artifact';
import { notBuilt } from './errors';
import { packFiles } from './files';
import { collectInputs } from './inputs';
import { parseProblems } from './problems';
import { makeReport, type Report } from './report';

/** Where a build takes its parts from and how it is watched. */
export interface BuildOptions {
  readonly engine: Engine;
  /** The installation's toolchains/. */
  readonly toolchainsFolder: string;
  /** The installation's libos/, for the debugger to find the library OS's sources. */
  readonly libraryOsFolder: string;
  readonly progress: Progress;
  /** The tools' output as it is printed. */
  readonly onOutput: (architecture: Architecture, text: string) => void;
  readonly signal: AbortSignal;
}

/** How one architecture's build ended. */
export interface BuildResult {
  readonly architecture: Architecture;
  /** There when the build succeeded. */
  readonly artifact?: Artifact;
  readonly problems: readonly Problem[];
  readonly exitCode: number;
  readonly milliseconds: number;
}

/**
 * Builds a project for some of its architectures, side by side. What the compiler refuses is a result with problems; an
 * engine that fails is an exception, and so is a cancel (AbortError).
 */
export async function buildProject(
  project: Project,
  architectures: readonly Architecture[],
  options: BuildOptions,
): Promise<BuildResult[]> {
  const { engine, progress, signal } = options;
  const started = performance.now();
  signal.throwIfAborted();
  const toolchain = await findToolchain(options.toolchainsFolder, project.configuration.language);
  const inputs = await collectInputs(project, toolchain, architectures);
  const builder = await engine.open(toolchain, project.folder, progress, signal);
  await builder.synchronize(inputs, signal);
  const { files } = project.configuration;
  if (files !== undefined) await packFiles(join(project.folder, files), filesArchive(project.folder), progress, signal);
  const prepared = performance.now() - started;
  progress({ message: `Building for ${architectures.join(' and ')}` });
  // All have ended before one's failure is told, so that a cancel leaves nothing running.
  const ended = await Promise.allSettled(
    architectures.map((architecture) => buildArchitecture(project, architecture, builder, prepared, options)),
  );
  return ended.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function buildArchitecture(
  { folder, configuration }: Project,
  architecture: Architecture,
  builder: Builder,
  prepared: number,
  { libraryOsFolder, onOutput, signal }: BuildOptions,
): Promise<BuildResult> {
  const started = performance.now();
  let output = '';
  const { exitCode } = await builder.run(
    architecture,
    (text) => {
      output += text;
      onOutput(architecture, text);
    },
    signal,
  );
  const built = performance.now() - started;
  const problems = parseProblems(output, folder);
  if (exitCode !== 0) return { architecture, problems, exitCode, milliseconds: prepared + built };
  const destination = artifactFolder(folder, architecture);
  await builder.fetch(architecture, destination, signal);
  const made: Artifact = {
    version: 1,
    name: configuration.name,
    architecture,
    image: join(destination, configuration.name),
    symbols: join(destination, `${configuration.name}.elf`),
    report: join(destination, 'report.json'),
    files: configuration.files === undefined ? undefined : filesArchive(folder),
    shares: sharesOf(configuration, folder),
    memory: configuration.memory,
    sourceMap: { [projectName]: folder, [libraryName]: libraryOsFolder },
  };
  const fetched = performance.now() - started - built;
  const times = { prepare: prepared, build: built, fetch: fetched, total: prepared + built + fetched };
  const report = await makeReport(destination, made, times);
  const artifact: Artifact = { ...made, network: networkOf(configuration, report) };
  await writeWhole(artifact.report, json(report));
  await writeWhole(join(destination, 'artifact.json'), json(artifact));
  return { architecture, artifact, problems, exitCode, milliseconds: prepared + performance.now() - started };
}

/** A network where the project says something of it, or the image can drive its card: local sockets alone need none. */
function networkOf({ network }: ProjectConfiguration, { features }: Report): Network | undefined {
  if (network === undefined && !features.some(({ name }) => name === 'drivers/virtio_network')) return undefined;
  return { ports: (network?.ports ?? []).map(parsePort), address: network?.address?.replace(/\/.*/, '') };
}

/** The folders of unikernel.json; undefined where it says nothing of them. */
function sharesOf({ shares }: ProjectConfiguration, folder: string): Share[] | undefined {
  return shares?.flatMap((text) => {
    const share = parseShare(text);
    return share === undefined ? [] : [{ ...share, host: join(folder, share.host), within: folder }];
  });
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

function filesArchive(projectFolder: string): string {
  return join(projectFolder, buildFolderName, filesArchiveName);
}

function artifactFolder(projectFolder: string, architecture: Architecture): string {
  return join(projectFolder, buildFolderName, architecture);
}

const artifactSchema: z.ZodType<Artifact> = z.object({
  version: z.literal(1),
  name: z.string(),
  architecture: z.enum(['x86_64', 'aarch64']),
  image: z.string(),
  symbols: z.string(),
  report: z.string(),
  files: z.string().optional(),
  shares: z
    .array(z.object({ host: z.string(), guest: z.string(), readOnly: z.boolean(), within: z.string().optional() }))
    .optional(),
  memory: z.string(),
  network: z
    .object({
      ports: z.array(z.object({ host: z.number(), guest: z.number(), protocol: z.enum(['tcp', 'udp']) })),
      address: z.string().optional(),
    })
    .optional(),
  sourceMap: z.record(z.string(), z.string()),
});

/** Reads what the last successful build of an architecture made; an error that says to build where there is nothing. */
export async function readArtifact(projectFolder: string, architecture: Architecture): Promise<Artifact> {
  const folder = artifactFolder(projectFolder, architecture);
  let text: string;
  try {
    text = await readFile(join(folder, 'artifact.json'), 'utf8');
  } catch {
    throw notBuilt(folder, architecture);
  }
  try {
    return artifactSchema.parse(JSON.parse(text));
  } catch (error) {
    throw notBuilt(folder, architecture, error);
  }
}

/** Removes build/ and the places where the project was built. */
export async function cleanProject(projectFolder: string, engine: Engine): Promise<void> {
  await engine.close(projectFolder);
  await rm(join(projectFolder, buildFolderName), { recursive: true, force: true });
}
