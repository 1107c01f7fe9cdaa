import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { consoleOutput } from '../gdb/console';
import { frameWords, type FrameReference } from './stack';
import type { Values } from './values';

/**
 * Prints the variables of the file that the selected frame's function is in, by their lines, as a list in JSON of what to
 * evaluate. gdb's own list of variables knows no file: it reads the debug information of the whole program.
 */
const listVariables = `
import gdb, json
block = gdb.selected_frame().block()
def name(symbol):
    seen = gdb.lookup_symbol(symbol.name, block)[0]
    if seen is not None and (seen.line, seen.symtab.filename) == (symbol.line, symbol.symtab.filename): return symbol.name
    return "'%s'::%s" % (symbol.symtab.filename, symbol.name)
found = [s for b in (block.global_block, block.static_block) for s in b if s.is_variable and s.addr_class != gdb.SYMBOL_LOC_UNRESOLVED]
print(json.dumps([name(s) for s in sorted(found, key=lambda s: s.line)]))
`;

/** The global and static variables of the file that a frame is in. */
export async function globalVariables(
  gdb: Gdb,
  values: Values,
  reference: number,
  frame: FrameReference,
): Promise<DebugProtocol.Variable[]> {
  const command = `python exec(${JSON.stringify(listVariables)})`;
  const names = JSON.parse(await consoleOutput(gdb, command, frameWords(frame))) as string[];
  const created = await Promise.all(names.map((expression) => values.create(expression, frame).catch(() => undefined)));
  return values.showAll(
    created
      .filter((value) => value !== undefined)
      .map((value) => ({ ...value, name: value.name.replace(/^'.*'::/, '') })),
    reference,
  );
}
