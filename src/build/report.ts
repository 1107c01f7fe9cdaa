import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Artifact } from './artifact';
import type { Elf } from '../image/elf';
import { readElf } from '../image/elf';
import { damagedOutput } from './errors';
import type { LinkedPiece } from './link-map';
import { parseLinkMap, partOf } from './link-map';
import { subjectOf } from './subjects';

/** A function of a call path: its name where it is called by that, and what holds its address where it is reached by that. */
const pathStep = z.union([z.string(), z.object({ address: z.string(), in: z.string().optional() })]);

const sized = z.object({ name: z.string(), bytes: z.number() });

/** What is inside an image, and what is not: report.json. Sizes are in bytes, times in milliseconds. */
export const reportSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  architecture: z.enum(['x86_64', 'aarch64']),
  /** The file that boots. */
  imageBytes: z.number(),
  /** Memory that it fills, with what begins as zeros. */
  memoryBytes: z.number(),
  /** How far behind its usual address the image is, such as `0x1a35000`: in images with "aslr". */
  imageOffset: z.string().optional(),
  sections: z.array(sized),
  /** Whose the bytes are: program, libc, library OS, compiler runtime. */
  parts: z.array(sized),
  /** The library OS by what it is for, such as `network`. */
  subjects: z.array(sized).default([]),
  /** The library OS by object file. */
  features: z.array(sized),
  /** The largest functions and variables. */
  symbols: z.array(sized),
  systemCalls: z.object({
    /** That the program can reach. */
    reached: z.array(z.string()),
    /** Of each, the functions of the program that make it. */
    from: z.record(z.string(), z.array(z.string())).default({}),
    /** Of each, the shortest way to it from `main`, or else from the entry, or from data; empty where none is known. */
    paths: z.record(z.string(), z.array(pathStep)).default({}),
    /** Those of them that the library OS lacks: they answer ENOSYS. */
    missing: z.array(z.string()),
    /** Places where the number could not be found out. */
    unresolved: z.array(z.string()),
    handlersLinked: z.number(),
  }),
  times: z.record(z.string(), z.number()),
  versions: z.record(z.string(), z.string()),
});

export type Report = z.output<typeof reportSchema>;

const named = z.union([
  z.string(),
  z.number().transform(String),
  z.looseObject({ name: z.string() }).transform(({ name }) => name),
]);
const reachedSchema = z.looseObject({
  name: z.union([z.string(), z.number().transform(String)]),
  from: z.array(z.string()).default([]),
  path: z.array(pathStep).default([]),
});
const systemCallsSchema = z.looseObject({
  reached: z.array(reachedSchema).default([]),
  missing: z.array(named).default([]),
  unresolved: z
    .array(z.union([named, z.looseObject({ function: z.string() }).transform((place) => place.function)]))
    .default([]),
});

/** Makes the report from the files that a build left in a folder. */
export async function makeReport(
  folder: string,
  artifact: Pick<Artifact, 'name' | 'architecture' | 'image' | 'symbols'>,
  times: Readonly<Record<string, number>>,
): Promise<Report> {
  const [elf, image, map, calls, versions] = await Promise.all([
    readElf(artifact.symbols),
    readFile(artifact.image),
    readFile(join(folder, 'link.map'), 'utf8'),
    readJson(join(folder, 'system-calls.json'), systemCallsSchema),
    readJson(join(folder, 'versions.json'), z.record(z.string(), z.string())),
  ]);
  const sections = elf.sections.filter(({ allocated, bytes }) => allocated && bytes > 0);
  const stored = new Set(sections.filter((section) => section.stored).map(({ name }) => name));
  const pieces = parseLinkMap(map).filter(({ section }) => stored.has(section));
  const offset = elf.findSymbol('libos_image_offset')?.address;
  const libraryOs = pieces.filter(({ object }) => partOf(object) === 'library OS');
  return {
    version: 1,
    name: artifact.name,
    architecture: artifact.architecture,
    imageBytes: image.length,
    memoryBytes: sections.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(offset !== undefined && { imageOffset: `0x${offset.toString(16)}` }),
    sections: sections.map(({ name, bytes }) => ({ name, bytes })),
    parts: sumBy(pieces, ({ object }) => partOf(object)),
    subjects: sumBy(libraryOs, ({ object }) => subjectOf(featureName(object))),
    features: sumBy(libraryOs, ({ object }) => featureName(object)),
    symbols: largestSymbols(elf),
    systemCalls: {
      ...pickCalls(calls),
      handlersLinked: calls.reached.filter(({ name }) => !calls.missing.includes(name)).length,
    },
    times: Object.fromEntries(Object.entries(times).map(([name, milliseconds]) => [name, Math.round(milliseconds)])),
    versions,
  };
}

function pickCalls({
  reached,
  missing,
  unresolved,
}: z.output<typeof systemCallsSchema>): Omit<Report['systemCalls'], 'handlersLinked'> {
  return {
    reached: reached.map(({ name }) => name),
    from: Object.fromEntries(reached.map(({ name, from }) => [name, from])),
    paths: Object.fromEntries(reached.map(({ name, path }) => [name, path])),
    missing,
    unresolved,
  };
}

function sumBy(pieces: readonly LinkedPiece[], key: (piece: LinkedPiece) => string): { name: string; bytes: number }[] {
  const sums = new Map<string, number>();
  for (const piece of pieces) sums.set(key(piece), (sums.get(key(piece)) ?? 0) + piece.bytes);
  return [...sums].map(([name, bytes]) => ({ name, bytes })).sort((one, other) => other.bytes - one.bytes);
}

/** `…/libos.a(syscalls-write.c.o)` -> `syscalls/write`. */
function featureName(object: string): string {
  const member = /\(([^)]*)\)$/.exec(object)?.[1] ?? object.replace(/^.*\//, '');
  return member.replace(/(?:\.[cS])?\.o$/, '').replace('-', '/');
}

function largestSymbols(elf: Elf): { name: string; bytes: number }[] {
  return elf.symbols
    .filter(({ kind, bytes }) => (kind === 'function' || kind === 'object') && bytes > 0)
    .sort((one, other) => other.bytes - one.bytes)
    .slice(0, 20)
    .map(({ name, bytes }) => ({ name, bytes }));
}

async function readJson<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema>> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw damagedOutput(file, error);
  }
}

/** Reads a report.json. */
export async function readReport(file: string): Promise<Report> {
  return readJson(file, reportSchema);
}

/** The report for a terminal. */
export function formatReport(report: Report): string {
  const { systemCalls: calls } = report;
  return [
    `${report.name} (${report.architecture}): ${formatBytes(report.imageBytes)} image, ${formatBytes(report.memoryBytes)} in memory`,
    ...(report.imageOffset === undefined ? [] : [`Image at offset ${report.imageOffset} ("aslr")`]),
    ...table('Parts', report.parts),
    ...table('Sections', report.sections),
    ...table('Library OS', report.subjects),
    ...table('Its largest parts', report.features.slice(0, 12)),
    `System calls: ${calls.reached.length} reached`,
    ...calls.reached.map((name) => `  ${name}: ${formatPath(calls.paths[name] ?? [], calls.from[name] ?? [])}`),
    ...(calls.missing.length > 0 ? [`  not implemented: ${calls.missing.join(', ')}`] : []),
    ...(calls.unresolved.length > 0 ? [`  not known beforehand: ${calls.unresolved.join(', ')}`] : []),
    `Times: ${Object.entries(report.times)
      .map(([name, milliseconds]) => `${name} ${milliseconds} ms`)
      .join(', ')}`,
    `Versions: ${Object.entries(report.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
  ].join('\n');
}

/** The path, and the functions beside its last that make the call. */
function formatPath(path: readonly z.output<typeof pathStep>[], from: readonly string[]): string {
  const names = path.map((step) => (typeof step === 'string' ? step : step.address));
  const steps = path.map((step) => {
    if (typeof step === 'string') return step;
    return step.in === undefined ? `${step.address} (by address)` : `${step.address} (by its address in ${step.in})`;
  });
  const others = from.filter((name) => name !== names.at(-1)).join(', ');
  if (path.length === 0) return others;
  return `${steps.join(' -> ')}${others === '' ? '' : `; also in ${others}`}`;
}

function table(title: string, rows: readonly { readonly name: string; readonly bytes: number }[]): string[] {
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  return [`${title}:`, ...rows.map(({ name, bytes }) => `  ${name.padEnd(width)}  ${formatBytes(bytes).padStart(10)}`)];
}

function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
