import type { Gdb } from '../gdb/gdb';
import { list, text, tuple } from '../gdb/mi/record';
import type { Handlers } from './requests';

/** The request for the lines that can have a breakpoint. */
export const breakpointLocationHandlers = {
  breakpointLocations: async ({ gdb }, { source, line, endLine = line }) => {
    const lines = new Set((await linesOf(gdb, source.path ?? '')).map((entry) => entry.line));
    const inRange = [...lines].filter((each) => each >= line && each <= endLine);
    return { breakpoints: inRange.toSorted((a, b) => a - b).map((each) => ({ line: each })) };
  },
} satisfies Handlers;

/** The lines of a source file that have code, in the order of their addresses; none when gdb does not know the file. */
export async function linesOf(gdb: Gdb, path: string): Promise<{ readonly line: number; readonly address: bigint }[]> {
  const { lines } = await gdb.send('symbol-list-lines', [path]).catch(() => ({ lines: [] }));
  return (
    list(lines)
      .map((entry) => {
        const { pc, line } = tuple(entry);
        return { line: Number(text(line)), address: BigInt(text(pc)) };
      })
      // Line 0 ends a sequence.
      .filter(({ line }) => line > 0)
  );
}
