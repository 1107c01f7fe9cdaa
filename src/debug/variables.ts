import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { notShown } from './errors';
import { forPeople, previewLimit, withoutFormat } from './format';
import { globalVariables } from './globals';
import { inHexadecimal, printingHexadecimal } from './hexadecimal';
import { Locals } from './locals';
import { assignable, References } from './references';
import { Registers } from './registers';
import type { Handlers } from './requests';
import { frameOf, frameWords, type FrameReference } from './stack';
import { Values } from './values';

/** The requests about what is in a scope or a value. */
export const variableHandlers = {
  variables: async ({ variables }, { variablesReference, start, count, format }) => ({
    variables: await variables.list(variablesReference, { start, count, hex: format?.hex === true }),
  }),
  setVariable: async (debuggee, { variablesReference, name, value, format }) => {
    try {
      return { value: await debuggee.variables.assign(variablesReference, name, value, format?.hex === true) };
    } finally {
      debuggee.forgetAhead();
    }
  },
  setExpression: async (debuggee, { expression, value, frameId, format }) => {
    try {
      const frame = frameId === undefined ? undefined : frameOf(frameId);
      const { expression: assigned, hex } = withoutFormat(expression);
      const assignment = `${assigned} = ${value}`;
      return { value: await debuggee.variables.evaluate(assignment, frame, hex || format?.hex === true) };
    } finally {
      debuggee.forgetAhead();
    }
  },
} satisfies Handlers;

/** What an editor asks for of a container. */
interface Wanted {
  readonly start?: number | undefined;
  readonly count?: number | undefined;
  readonly hex?: boolean;
}

/** The values at a stop. References are good until the guest goes on. */
export class Variables {
  readonly references = new References();
  readonly values: Values;
  readonly locals: Locals;
  private readonly registers: Registers;

  constructor(private readonly gdb: Gdb) {
    this.values = new Values(gdb, this.references);
    this.locals = new Locals(gdb, this.references, this.values);
    this.registers = new Registers(gdb, this.references);
  }

  /** The variables in a container: none, when it was of an earlier stop. */
  async list(reference: number, { start, count, hex = false }: Wanted = {}): Promise<DebugProtocol.Variable[]> {
    const container = this.references.find(reference);
    if (container === undefined) return [];
    const { frame } = container;
    const inFormat = (variables: Promise<DebugProtocol.Variable[]>) =>
      hex ? variables.then((found) => inHexadecimal(this.gdb, found, frame)) : variables;
    switch (container.kind) {
      case 'locals':
        return inFormat(this.locals.list(reference, container.frame));
      case 'globals':
        return inFormat(globalVariables(this.gdb, this.values, reference, container.frame));
      case 'value':
        return inFormat(this.values.members(reference, container, start, count));
      case 'registers':
        return this.registers.groups(container.frame);
      case 'registerGroup':
        return this.registers.values(reference, container.group, container.frame);
      case 'registerFields':
        return this.registers.fields(reference, container.register, container.frame);
    }
  }

  /** Assigns to a variable in a container; answers the value as gdb reads it back. */
  async assign(reference: number, name: string, value: string, hex = false): Promise<string> {
    const container = this.references.find(reference);
    const shown = this.references.membersOf(reference)?.get(name);
    const member = shown ?? (container?.kind === 'locals' ? assignable(name) : undefined);
    if (member?.assignment !== undefined) return this.evaluate(member.assignment(value), container?.frame, hex);
    if (member?.object === undefined) throw notShown(name);
    return this.values.assign(member.object, value);
  }

  /** What a variable that is shown is in C, and the words for the frame that it is meant in; `debug.notShown` without one. */
  expressionOf(reference: number, name: string): { readonly expression: string; readonly words: readonly string[] } {
    const container = this.references.find(reference);
    const shown = this.references.membersOf(reference)?.get(name)?.expression;
    const expression = shown ?? (container?.kind === 'locals' ? name : undefined);
    if (expression === undefined) throw notShown(name);
    return { expression, words: container?.frame === undefined ? [] : frameWords(container.frame) };
  }

  /** Evaluates an expression in a frame once; answers what gdb prints of it. */
  async evaluate(expression: string, frame: FrameReference | undefined, hex = false): Promise<string> {
    const ask = (): Promise<string> => this.values.evaluate(expression, frame);
    return forPeople(await (hex ? printingHexadecimal(this.gdb, ask) : ask()), previewLimit);
  }

  /** Forgets everything: the guest goes on. */
  clear(): void {
    this.values.clear();
    this.references.clear();
    this.locals.clear();
  }
}
