import type { Gdb } from './gdb';

/**
 * Runs a command as a person types it at gdb's prompt, and answers what it prints. The words, such as `--thread`, are for
 * the MI command around it.
 */
export async function consoleOutput(gdb: Gdb, command: string, words: readonly string[] = []): Promise<string> {
  let printed = '';
  const collect = (output: string): void => {
    printed += output;
  };
  gdb.on('output', collect);
  try {
    await gdb.send('interpreter-exec', [...words, 'console', command]);
  } finally {
    gdb.off('output', collect);
  }
  return printed.trimEnd();
}
