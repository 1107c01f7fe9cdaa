import type { Detour } from '../gdb/gdb';
import type { Elf } from '../image/elf';

/**
 * Lets expressions name thread-local variables (`__thread`), which gdb finds only with the help of a C library that runs
 * beside it: each is replaced by what is at its address, from the thread pointer and the ELF. Needs a gdb with Python,
 * since only there a value can have the variable's type.
 */
export class ThreadLocals {
  /** From the thread pointer, in bytes, by name. */
  private readonly offsets = new Map<string, bigint>();

  constructor(private readonly elf: Pick<Elf, 'machine' | 'symbols' | 'threadLocalOffset'>) {
    const { threadLocalOffset } = elf;
    if (threadLocalOffset === undefined) return;
    for (const { kind, name, address } of elf.symbols) {
      if (kind === 'threadLocal') this.offsets.set(name, threadLocalOffset + address);
    }
  }

  /** What to do instead of a command that evaluates an expression with such variables; undefined for any other. */
  detourOf(operation: string, words: readonly string[]): Detour | undefined {
    if (this.offsets.size === 0 || !/^(var-create|data-evaluate-expression)$/.test(operation)) return undefined;
    const expression = words.at(-1) ?? '';
    const names = new Set<string>();
    const rewritten = expression.replace(identifier, (name) => {
      if (!this.offsets.has(name)) return name;
      names.add(name);
      return `(*$${convenience(name)})`;
    });
    if (names.size === 0) return undefined;
    const place = words[0] === '--thread' ? words.slice(0, words[2] === '--frame' ? 4 : 2) : [];
    return {
      before: [...names].map((name) => ['interpreter-exec', [...place, 'console', this.definition(name)]]),
      words: [...words.slice(0, -1), rewritten],
      after: [],
    };
  }

  private definition(name: string): string {
    const pointer = this.elf.machine === 'x86_64' ? '$fs_base' : '$TPIDR_EL0';
    const address = `(int(gdb.parse_and_eval('${pointer}')) + ${this.offsets.get(name) ?? 0n}) % 2**64`;
    const type = `gdb.lookup_symbol('${name}')[0].type.pointer()`;
    return `python gdb.set_convenience_variable('${convenience(name)}', gdb.Value(${address}).cast(${type}))`;
  }
}

/** A name that is no member, no register and no word in quotes. */
const identifier = /(?<![\w.$"']|->)[A-Za-z_]\w*(?![\w"'])/g;

function convenience(name: string): string {
  return `unikernel_thread_local_${name}`;
}
