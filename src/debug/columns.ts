import { LineTable, readLineTable, type Row } from '../image/lineTable';
import type { Stretch } from './breakpointLocations';

/** Where a statement begins in its line, and its code. */
export interface Statement {
  /** From 1. */
  readonly column: number;
  readonly address: bigint;
}

/** Knows where in a line its statements begin: gdb does not keep that, the files have it. */
export class Columns {
  private tables: Promise<readonly LineTable[]> | undefined;
  private readonly offset: bigint;

  /** The first of the files is the kernel's, which may run elsewhere than it says. */
  constructor(
    private readonly paths: readonly string[],
    loadOffset = '0',
  ) {
    this.offset = BigInt(loadOffset.replace('-', '')) * (loadOffset.startsWith('-') ? -1n : 1n);
  }

  /** The statements of a line, by their columns: each where its code begins first. The files are read when it is first asked for. */
  async of(code: readonly Stretch[]): Promise<Statement[]> {
    this.tables ??= Promise.all(
      this.paths.map((path) => readLineTable(path).catch(() => new LineTable(Buffer.alloc(0)))),
    );
    const tables = await this.tables;
    const statements = new Map<number, Statement>();
    for (const stretch of code)
      for (const { column, address } of this.rowsOf(tables, stretch))
        if (column > 0 && !statements.has(column)) statements.set(column, { column, address });
    return [...statements.values()].sort((one, other) => one.column - other.column);
  }

  /**
   * The statement that a breakpoint on a column is for: the one that begins there, else the next one of the line, else its last.
   * Undefined where the line has only one, whose breakpoint is that of the line.
   */
  async find(code: readonly Stretch[], column: number): Promise<Statement | undefined> {
    const statements = await this.of(code);
    return statements.length < 2 ? undefined : (statements.find((each) => each.column >= column) ?? statements.at(-1));
  }

  /** What is inlined in the middle of a line may have come from another file. */
  private rowsOf([kernel, ...others]: readonly LineTable[], { line, address, end }: Stretch): Row[] {
    const own = (kernel?.rowsIn(address - this.offset, end - this.offset) ?? []).map((row) => ({
      ...row,
      address: row.address + this.offset,
    }));
    const rows = own.length > 0 ? own : others.flatMap((table) => table.rowsIn(address, end));
    const first = rows.find((row) => row.address === address && row.line === line);
    return rows.filter((row) => row.line === line && row.file === first?.file);
  }
}
