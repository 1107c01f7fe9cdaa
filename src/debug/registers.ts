import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple } from '../gdb/mi/record';
import { forPeople, previewLimit } from './format';
import { assignable, type References } from './references';
import { describeField, fieldExpression, fieldsOf, summarize, withField } from './registerFields';
import { frameWords, type FrameReference } from './stack';

/** The first group whose pattern matches takes the register. */
const groups: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['General', /^(r([a-ds][xip]|bp|sp|si|di|\d+)|rip|x\d+|sp|pc)$/],
  ['Flags', /^(eflags|cpsr)$/],
  ['Vector', /^([xyz]mm\d+|v\d+|mxcsr|fpsr|fpcr|k\d)$/],
  ['Scalable vector', /^(z\d+|p\d+|ffr|vg)$/],
  ['Floating point (x87)', /^(st\d|f(ctrl|stat|tag|iseg|ioff|oseg|ooff|op))$/],
  ['Segment and control', /^([cdefgs]s|[fg]s_base|k_gs_base|cr\d|efer)$/],
  ['System', /^[A-Z][A-Z0-9_]*$/],
];

/** Parts of other registers: `eax` says nothing that `rax` does not. */
const parts = /^(e?[abcd]x|[abcd][lh]|e?(si|di|bp)|[sd]il|bpl|spl|esp|r\d+[lwd]|w\d+|ymm\d+h)$/;

/** Registers that hold lanes, which only a variable object tells apart. */
const withLanes = /^([xyz]mm\d+|[vzp]\d+|ffr)$/;

/** A CPU's registers in groups, each read only when it is opened. */
export class Registers {
  private names: Promise<string[]> | undefined;

  constructor(
    private readonly gdb: Gdb,
    private readonly references: References,
  ) {}

  /** The groups that this CPU has registers in. */
  async groups(frame: FrameReference): Promise<DebugProtocol.Variable[]> {
    const names = await this.allNames();
    return groups
      .filter(([group]) => names.some((name) => groupOf(name) === group))
      .map(([group]) => ({
        name: group,
        value: '',
        variablesReference: this.references.add({ kind: 'registerGroup', frame, group }),
        presentationHint: { attributes: ['readOnly'] },
      }));
  }

  /** The registers of a group, as seen from a frame. */
  async values(reference: number, group: string, frame: FrameReference): Promise<DebugProtocol.Variable[]> {
    const names = (await this.allNames()).map((name) => (groupOf(name) === group ? name : ''));
    const read = await this.read(names, group.startsWith('Floating') ? 'N' : 'x', frame);
    return read.map(([name, printed]) => {
      const value = withLanes.test(name) ? wholeOf(printed) : printed;
      const fields = value.startsWith('0x') ? fieldsOf(name, BigInt(value)) : undefined;
      const summary = fields === undefined ? '' : summarize(fields, BigInt(value));
      const evaluateName = `$${name}`;
      this.references.membersOf(reference)?.set(name, assignable(evaluateName));
      return {
        name,
        value: summary === '' ? value : `${value} ${summary}`,
        evaluateName,
        variablesReference: this.inside(name, fields !== undefined, frame),
        ...(group === 'General' ? { memoryReference: value } : {}),
      };
    });
  }

  /** The fields of a flags register with their values. */
  async fields(reference: number, register: string, frame: FrameReference): Promise<DebugProtocol.Variable[]> {
    const names = (await this.allNames()).map((name) => (name === register ? name : ''));
    const [[, printed] = ['', '0']] = await this.read(names, 'x', frame);
    const value = BigInt(printed);
    return (fieldsOf(register, value) ?? []).map((field) => {
      const { name, meaning } = field;
      this.references.membersOf(reference)?.set(name, {
        assignment: (given) => `$${register} = 0x${withField(field, value, BigInt(given)).toString(16)}`,
      });
      return {
        name,
        type: meaning,
        value: describeField(field, value),
        evaluateName: fieldExpression(field, `$${register}`),
        variablesReference: 0,
      };
    });
  }

  private inside(name: string, hasFields: boolean, frame: FrameReference): number {
    if (hasFields) return this.references.add({ kind: 'registerFields', frame, register: name });
    if (!withLanes.test(name)) return 0;
    return this.references.add({ kind: 'value', frame, expression: `$${name}`, type: '' });
  }

  /** Reads the registers that have a name in the list, each at its number. */
  private async read(names: readonly string[], format: 'x' | 'N', frame: FrameReference): Promise<[string, string][]> {
    const numbers = names.flatMap((name, number) => (name === '' ? [] : [String(number)]));
    const words = [...frameWords(frame), '--skip-unavailable', format, ...numbers];
    const answer = await this.gdb.send('data-list-register-values', words);
    return list(answer['register-values']).map((register) => {
      const { number, value } = tuple(register);
      return [names[Number(text(number))] ?? '', text(value)];
    });
  }

  private allNames(): Promise<string[]> {
    this.names ??= this.gdb
      .send('data-list-register-names')
      .then((answer) => list(answer['register-names']).map((name) => text(name)));
    return this.names;
  }
}

/**
 * Of a register that gdb prints as all the lanes that it may hold, its bits as one number where there is such: `uint128 = 0x0`
 * of x86, `q = {u = {0x0}, s = …}` of aarch64.
 */
function wholeOf(printed: string): string {
  return /(?:\buint128 = |\bq = \{u = \{)(0x[0-9a-f]+)/.exec(printed)?.[1] ?? forPeople(printed, previewLimit);
}

function groupOf(name: string): string | undefined {
  if (name === '' || parts.test(name)) return undefined;
  return groups.find(([, pattern]) => pattern.test(name))?.[0];
}
