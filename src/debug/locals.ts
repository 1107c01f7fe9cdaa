import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple } from '../gdb/mi/record';
import { addressIn } from './format';
import type { References } from './references';
import { frameWords, type FrameReference } from './stack';
import type { Value, Values } from './values';

/** The arguments and local variables of frames. Those of a stop's innermost frame are asked for ahead of the editor. */
export class Locals {
  private ahead: { readonly frame: FrameReference; readonly reference: number } | undefined;
  private variablesAhead: Promise<DebugProtocol.Variable[]> | undefined;

  constructor(
    private readonly gdb: Gdb,
    private readonly references: References,
    private readonly values: Values,
  ) {}

  /** Asks gdb already now for the variables that an editor wants to see at a stop. */
  askAhead(frame: FrameReference): void {
    this.ahead = { frame, reference: this.references.add({ kind: 'locals', frame }) };
    this.variablesAhead = this.ask(this.ahead.reference, frame);
    this.variablesAhead.catch(() => undefined);
  }

  /** The number by which a frame's local variables can be asked for. */
  referenceOf(frame: FrameReference): number {
    const { ahead } = this;
    const isAhead = ahead?.frame.thread === frame.thread && ahead.frame.level === frame.level;
    return isAhead ? ahead.reference : this.references.add({ kind: 'locals', frame });
  }

  /** The person changed the guest: what was asked ahead may no longer be true. */
  forgetAhead(): void {
    this.variablesAhead = undefined;
  }

  /** The guest goes on. */
  clear(): void {
    this.ahead = undefined;
    this.variablesAhead = undefined;
  }

  /** The arguments and local variables of a frame. Of two with one name, the inner one. */
  list(reference: number, frame: FrameReference): Promise<DebugProtocol.Variable[]> {
    const { variablesAhead } = this;
    if (variablesAhead === undefined || this.ahead?.reference !== reference) return this.ask(reference, frame);
    // Once only: what the person changes after is asked for anew.
    this.variablesAhead = undefined;
    return variablesAhead;
  }

  /** Plain values come with the list; all that more is to be known of is asked for at once. */
  private async ask(reference: number, frame: FrameReference): Promise<DebugProtocol.Variable[]> {
    const { variables } = await this.gdb.send('stack-list-variables', [...frameWords(frame), '--simple-values']);
    const byName = new Map(
      list(variables)
        .map(tuple)
        .toReversed()
        .map((variable) => [text(variable['name']), variable]),
    );
    const values = await Promise.all([...byName].toReversed().map(([, variable]) => this.value(variable, frame)));
    return values.map((value) => this.values.show(value, reference));
  }

  private async value(variable: MiTuple, frame: FrameReference): Promise<Value> {
    const name = text(variable['name']);
    const value = text(variable['value']);
    const plain = { name, type: text(variable['type']), value, expression: name, frame, isExpandable: false };
    // A struct or an array, of which only the type is listed; a variable object of it is made when it is opened.
    if (variable['value'] === undefined || /^@0x[0-9a-f]+$/.test(value)) return this.values.preview(plain);
    if (isPointer(plain)) {
      const isNull = addressIn(value) === undefined;
      return {
        ...plain,
        isPointer: true,
        isExpandable: !isNull && !/^((const|volatile) )*void \*( const| volatile)*$/.test(plain.type),
      };
    }
    // Behind another name for a type, whether there is something to see only a variable object says.
    if (addressIn(value) !== undefined) return this.values.create(name, frame).catch(() => plain);
    return plain;
  }
}

/** True for a pointer by its type, not to a function. */
function isPointer({ type }: Value): boolean {
  return /\*( const| volatile)*$/.test(type);
}
