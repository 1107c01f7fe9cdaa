import { join } from 'node:path';

/** Builds a C program as an ordinary one of this computer, and tells what it prints and its status. */
export async function runNatively(
  source: string,
  folder: string,
  words: readonly string[] = [],
): Promise<{ readonly output: string; readonly status: number | undefined }> {
  const { execa } = await import('execa');
  const program = join(folder, 'native');
  await execa('gcc', ['-std=gnu11', '-static', '-o', program, source]);
  const { stdout, exitCode } = await execa(program, words, { reject: false, stripFinalNewline: false });
  return { output: stdout, status: exitCode };
}
