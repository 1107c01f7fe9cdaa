/** A value in MI output (gdb manual, "GDB/MI Output Syntax"). */
export type MiValue = string | MiTuple | MiList;

/** `{name=value,…}`. */
export interface MiTuple {
  readonly [name: string]: MiValue | undefined;
}

/** `[value,…]` or `[name=value,…]`: the names in a list say nothing that the values do not, and are left out. */
export type MiList = readonly MiValue[];

/** One line of gdb's output. */
export type MiRecord =
  | { readonly type: 'result'; readonly token?: number; readonly class: string; readonly results: MiTuple }
  | {
      readonly type: 'exec' | 'status' | 'notify';
      readonly token?: number;
      readonly class: string;
      readonly results: MiTuple;
    }
  | { readonly type: 'console' | 'target' | 'log'; readonly text: string }
  | { readonly type: 'prompt' };

/** The value as a string; empty when it is absent or something else. */
export function text(value: MiValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The value as a tuple; empty when it is absent or something else. */
export function tuple(value: MiValue | undefined): MiTuple {
  return typeof value === 'object' && !isList(value) ? value : {};
}

/** The value as a list; empty when it is absent or something else. */
export function list(value: MiValue | undefined): MiList {
  return typeof value === 'object' && isList(value) ? value : [];
}

function isList(value: MiTuple | MiList): value is MiList {
  return Array.isArray(value);
}
