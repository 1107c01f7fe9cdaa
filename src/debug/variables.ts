import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple } from '../gdb/mi/record';
import { notShown } from './errors';
import type { Handlers } from './requests';
import { frameOf, frameWords, type FrameReference } from './stack';

/** The requests about what a frame holds. */
export const variableHandlers = {
  scopes: ({ variables }, { frameId }) => {
    const frame = frameOf(frameId);
    const scope = (name: string, kind: 'locals' | 'registers'): DebugProtocol.Scope => ({
      name,
      presentationHint: kind,
      expensive: kind === 'registers',
      variablesReference: kind === 'locals' ? variables.localsOf(frame) : variables.reference({ kind, frame }),
    });
    return { scopes: [scope('Locals', 'locals'), scope('Registers', 'registers')] };
  },
  variables: async (debuggee, { variablesReference, start, count }) => ({
    variables: await debuggee.expand(variablesReference, start, count),
  }),
  setVariable: async (debuggee, { variablesReference, name, value }) => {
    const assigned = await debuggee.variables.assign(variablesReference, name, value);
    if (assigned === undefined) throw notShown(name);
    debuggee.forgetAhead();
    return { value: assigned };
  },
} satisfies Handlers;

/** Something that has variables in it. */
export type Container =
  | { readonly kind: 'locals'; readonly frame: FrameReference }
  /** A struct, array or pointer: a variable object of gdb. */
  | { readonly kind: 'object'; readonly object: string }
  | { readonly kind: 'registers'; readonly frame: FrameReference }
  | { readonly kind: 'registerGroup'; readonly frame: FrameReference; readonly group: string };

/** A variable object's name for gdb, by the name that the person sees, for each container. */
type Members = Map<string, string>;

/** The values at a stop. References are good until the guest goes on. */
export class Variables {
  private readonly containers = new Map<number, { readonly container: Container; readonly members: Members }>();
  private lastReference = 0;
  /** gdb's variable objects that we made, and the frame that each was made in. */
  private readonly frames = new Map<string, FrameReference | undefined>();
  private ahead: { readonly frame: FrameReference; readonly reference: number } | undefined;
  private localsAhead: Promise<DebugProtocol.Variable[]> | undefined;

  constructor(private readonly gdb: Gdb) {}

  /** A number by which the container can be asked for. */
  reference(container: Container): number {
    // Never the same twice: a late question about the stop before must not be answered with what is here now.
    this.containers.set(++this.lastReference, { container, members: new Map() });
    return this.lastReference;
  }

  container(reference: number): Container | undefined {
    return this.containers.get(reference)?.container;
  }

  /** Asks gdb already now for the variables that an editor wants to see at a stop. */
  askAhead(frame: FrameReference): void {
    this.ahead = { frame, reference: this.reference({ kind: 'locals', frame }) };
    this.localsAhead = this.listLocals(this.ahead.reference, frame);
    this.localsAhead.catch(() => undefined);
  }

  /** The number by which a frame's local variables can be asked for. */
  localsOf(frame: FrameReference): number {
    const { ahead } = this;
    const isAhead = ahead?.frame.thread === frame.thread && ahead.frame.level === frame.level;
    return isAhead ? ahead.reference : this.reference({ kind: 'locals', frame });
  }

  /** The person changed the guest: what was asked ahead may no longer be true. */
  forgetAhead(): void {
    this.localsAhead = undefined;
  }

  /**
   * The arguments and local variables of a frame. Of two with one name, the inner one. Plain values come with the list;
   * only what can be expanded becomes a variable object, and all of them are asked for at once.
   */
  async locals(reference: number, frame: FrameReference): Promise<DebugProtocol.Variable[]> {
    const { localsAhead } = this;
    if (localsAhead === undefined || this.ahead?.reference !== reference) return this.listLocals(reference, frame);
    // Once only: what the person changes after is asked for anew.
    this.localsAhead = undefined;
    return localsAhead;
  }

  private async listLocals(reference: number, frame: FrameReference): Promise<DebugProtocol.Variable[]> {
    const { variables } = await this.gdb.send('stack-list-variables', [...frameWords(frame), '--simple-values']);
    const byName = new Map(
      list(variables)
        .map(tuple)
        .toReversed()
        .map((variable) => [text(variable['name']), variable]),
    );
    return Promise.all(
      [...byName].toReversed().map(async ([name, variable]) => {
        if (!isExpandable(variable)) return this.show(name, variable, reference, name);
        const unavailable = { name, value: 'not available here', variablesReference: 0 };
        return this.evaluate(name, frame, reference).catch(() => unavailable);
      }),
    );
  }

  /** Evaluates an expression in a frame (in the innermost of the selected CPU when undefined). */
  async evaluate(
    expression: string,
    frame: FrameReference | undefined,
    reference = 0,
  ): Promise<DebugProtocol.Variable> {
    const words = frame === undefined ? [] : frameWords(frame);
    const object = await this.gdb.send('var-create', [...words, '-', '*', expression]).catch(async (error: unknown) => {
      // -var-create does not say what is wrong with an expression; this does.
      await this.gdb.send('data-evaluate-expression', [...words, expression]);
      throw error;
    });
    this.frames.set(text(object['name']), frame);
    return this.show(expression, object, reference, expression);
  }

  /** The members of a struct, the elements of an array, what a pointer points to. */
  async members(reference: number, object: string, start = 0, count = 0): Promise<DebugProtocol.Variable[]> {
    const range = count > 0 ? [String(start), String(start + count)] : [];
    const { children } = await this.gdb.send('var-list-children', ['--all-values', object, ...range]);
    const shown: DebugProtocol.Variable[] = [];
    for (const child of list(children).map(tuple)) {
      const name = text(child['exp']);
      // C++ groups members by access: the groups are not what the person looks for.
      if (child['type'] === undefined && /^(public|protected|private)$/.test(name)) {
        shown.push(...(await this.members(reference, text(child['name']))));
      } else {
        shown.push(this.show(/^\d+$/.test(name) ? `[${name}]` : name, child, reference));
      }
    }
    return shown;
  }

  /** What gdb calls a variable that is shown, and the words for the frame that it is meant in. */
  async expressionOf(reference: number, name: string): Promise<{ expression: string; words: readonly string[] }> {
    const { container, members } = this.containers.get(reference) ?? {};
    const object = members?.get(name);
    if (container?.kind === 'locals') return { expression: name, words: frameWords(container.frame) };
    if (object === undefined) throw notShown(name);
    const { path_expr: expression } = await this.gdb.send('var-info-path-expression', [object]);
    const frame = this.frames.get(object.split('.')[0] ?? '');
    return { expression: text(expression), words: frame === undefined ? [] : frameWords(frame) };
  }

  /** Assigns to a variable in a container; answers the value as gdb reads it back. */
  async assign(reference: number, name: string, value: string): Promise<string | undefined> {
    const { container, members } = this.containers.get(reference) ?? {};
    if (container?.kind === 'locals' && !members?.has(name)) await this.evaluate(name, container.frame, reference);
    const object = members?.get(name);
    if (object === undefined) return undefined;
    return text((await this.gdb.send('var-assign', [object, value]))['value']);
  }

  /** Forgets everything: the guest goes on. gdb does it before what it is told next, so that nobody waits for it. */
  clear(): void {
    for (const object of this.frames.keys()) this.gdb.send('var-delete', [object]).catch(() => undefined);
    this.frames.clear();
    this.containers.clear();
    this.ahead = undefined;
    this.localsAhead = undefined;
  }

  private show(name: string, object: MiTuple, reference: number, evaluateName?: string): DebugProtocol.Variable {
    const objectName = text(object['name']);
    const type = text(object['type']);
    const value = text(object['value']);
    const count = Number(text(object['numchild']));
    // What came with the list of locals is no variable object.
    if ('numchild' in object) this.containers.get(reference)?.members.set(name, objectName);
    const address = type.endsWith('*') ? /^0x[0-9a-f]+/.exec(value)?.[0] : undefined;
    return {
      name,
      type,
      value: value === '' ? type : value,
      variablesReference: count > 0 ? this.reference({ kind: 'object', object: objectName }) : 0,
      ...(type.endsWith(']') && count > 100 ? { indexedVariables: count } : {}),
      ...(evaluateName === undefined ? {} : { evaluateName }),
      ...(address === undefined ? {} : { memoryReference: address }),
    };
  }
}

/** False for a number and the like, which gdb lists with its value and whose value is no address. */
function isExpandable({ type, value }: MiTuple): boolean {
  return value === undefined || /[*&]/.test(text(type)) || /^(\(.*\) )?(@?0x|\{)/.test(text(value));
}
