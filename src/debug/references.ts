import type { FrameReference } from './stack';

/** Something that has variables in it. */
export type Container =
  | { readonly kind: 'locals' | 'globals' | 'registers'; readonly frame: FrameReference }
  | { readonly kind: 'registerGroup'; readonly frame: FrameReference; readonly group: string }
  | { readonly kind: 'registerFields'; readonly frame: FrameReference; readonly register: string }
  | ValueContainer;

/** A value of the guest: where it comes from. */
export interface ValueSource {
  /** Undefined for the innermost of the selected CPU. */
  readonly frame: FrameReference | undefined;
  /** The value in C; undefined for what only a pretty printer of gdb's knows how to reach. */
  readonly expression: string | undefined;
  /** What its members are put after, where that is another expression: an anonymous struct has none of its own. */
  readonly membersAfter?: string | undefined;
  /** gdb's variable object for it, where there is one already. */
  readonly object?: string | undefined;
  readonly type: string;
  readonly isPointer?: boolean | undefined;
  /** Set when one of gdb's pretty printers says what is in it; a map has a key and a value in turn. */
  readonly printer?: 'map' | 'array' | 'other' | undefined;
}

/** A struct, an array, a pointer. */
export interface ValueContainer extends ValueSource {
  readonly kind: 'value';
}

/** How to change a variable of a container: what to evaluate to assign a value, else gdb's variable object for it. */
export interface Member {
  readonly assignment?: ((value: string) => string) | undefined;
  /** What it is in C. */
  readonly expression?: string | undefined;
  readonly object?: string | undefined;
}

/** The numbers by which an editor asks for what is in a scope or a value. They are good until the guest goes on. */
export class References {
  private readonly containers = new Map<
    number,
    { readonly container: Container; readonly members: Map<string, Member> }
  >();
  private last = 0;

  /** A number for the container. */
  add(container: Container): number {
    // Never the same twice: a late question about the stop before must not be answered with what is here now.
    this.containers.set(++this.last, { container, members: new Map() });
    return this.last;
  }

  find(reference: number): Container | undefined {
    return this.containers.get(reference)?.container;
  }

  /** The variables of a container that were shown, by their names. */
  membersOf(reference: number): Map<string, Member> | undefined {
    return this.containers.get(reference)?.members;
  }

  clear(): void {
    this.containers.clear();
  }
}

/** A member that is changed by an assignment in C. */
export function assignable(expression: string): Member {
  return { expression, assignment: (value) => `${expression} = ${value}` };
}
