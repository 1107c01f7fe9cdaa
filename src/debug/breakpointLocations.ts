import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple } from '../gdb/mi/record';
import type { Handlers } from './requests';

/** The request for the lines that can have a breakpoint, and for the columns of those with several statements. */
export const breakpointLocationHandlers = {
  breakpointLocations: async ({ gdb, columns }, args) => {
    const { source, line, endLine = line } = args;
    const code = await linesOf(gdb, source.path ?? '', line, endLine);
    const found: DebugProtocol.BreakpointLocation[] = [];
    for (const each of [...new Set(code.map((stretch) => stretch.line))].toSorted((a, b) => a - b)) {
      const statements = await columns.of(code.filter((stretch) => stretch.line === each));
      if (statements.length > 1) found.push(...statements.map(({ column }) => ({ line: each, column })));
      else found.push({ line: each });
    }
    return { breakpoints: found.filter((place) => isWithin(place, args)) };
  },
} satisfies Handlers;

/** Code in a row that is of one line. */
export interface Stretch {
  readonly line: number;
  readonly address: bigint;
  /** Where the next one begins. */
  readonly end: bigint;
}

/** The code of some lines of a source file, in the order of its addresses; none when gdb does not know the file. */
export async function linesOf(gdb: Gdb, path: string, first = 1, last = Number.POSITIVE_INFINITY): Promise<Stretch[]> {
  const { lines } = await gdb.send('symbol-list-lines', [path]).catch(() => ({ lines: [] }));
  const starts = list(lines).map((entry) => {
    const { pc, line } = tuple(entry);
    return { line: Number(text(line)), address: BigInt(text(pc)) };
  });
  return (
    starts
      .map((start, index) => ({ ...start, end: starts[index + 1]?.address ?? start.address }))
      // Line 0 ends a sequence.
      .filter(({ line }) => line > 0 && line >= first && line <= last)
  );
}

/** Columns restrict the first and the last line of a range only. */
function isWithin(
  { line, column }: DebugProtocol.BreakpointLocation,
  { line: first, column: from, endLine = first, endColumn: to }: DebugProtocol.BreakpointLocationsArguments,
): boolean {
  if (column === undefined) return true;
  return (line > first || column >= (from ?? 1)) && (line < endLine || column <= (to ?? Number.POSITIVE_INFINITY));
}
