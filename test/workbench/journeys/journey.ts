import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkbenchServer } from '../server';
import type { Workbench } from '../workbench';

/** What a person does, in the order in which it is done; each journey begins where the last one ended. */
export interface Journey {
  readonly name: string;
  run(stage: Stage): Promise<void>;
}

export interface Stage {
  readonly server: WorkbenchServer;
  readonly workbench: Workbench;
  /** Where the new project goes. */
  readonly project: string;
}

/** How long a first build may take: the toolchain's image is made, too. */
export const firstBuildMilliseconds = 300_000;
/** How long a build may take when the toolchain is there. */
export const buildMilliseconds = 30_000;

/** The line of main.c, from 1, that holds a text; of several, the last one. */
export async function lineOf(project: string, text: string): Promise<number> {
  const lines = (await readFile(join(project, 'src', 'main.c'), 'utf8')).split('\n');
  const line = lines.findLastIndex((content) => content.includes(text)) + 1;
  if (line === 0) throw new Error(`main.c has no line with ${text}`);
  return line;
}

/** Changes main.c while some work is done, as if the person saved it in between. */
export async function withProgram(project: string, text: string, work: () => Promise<void>): Promise<void> {
  const file = join(project, 'src', 'main.c');
  const before = await readFile(file, 'utf8');
  await writeFile(file, text);
  try {
    await work();
  } finally {
    await writeFile(file, before);
  }
}
