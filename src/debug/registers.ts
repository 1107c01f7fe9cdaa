import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple } from '../gdb/mi/record';
import { frameWords, type FrameReference } from './stack';

/** The first group whose pattern matches takes the register. */
const groups: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['General', /^(r([a-ds][xip]|bp|sp|si|di|\d+)|rip|x\d+|sp|pc)$/],
  ['Flags', /^(eflags|cpsr)$/],
  [
    'Vector',
    /^([xyz]mm\d+h?|[vqdshb]\d+|st\d+|mxcsr|f(ctrl|stat|tag|iseg|ioff|oseg|ooff|op)|fpsr|fpcr|k\d|z\d+|p\d+|ffr|vg)$/,
  ],
  ['Segment and control', /^([cdefgs]s|[fg]s_base|k_gs_base|cr\d|efer)$/],
  ['System', /^[A-Z][A-Z0-9_]*$/],
];

/** The groups that parts of registers belong to: `eax` says nothing that `rax` does not. */
const parts = /^(e?[abcd]x|[abcd][lh]|e?(si|di|bp)|[sd]il|bpl|spl|esp|r\d+[lwd]|w\d+|ymm\d+h)$/;

/** A CPU's registers in groups, each read only when it is opened. */
export class Registers {
  private names: Promise<string[]> | undefined;

  constructor(private readonly gdb: Gdb) {}

  /** The groups that this CPU has registers in. */
  async groups(): Promise<string[]> {
    const names = await this.allNames();
    return groups.map(([group]) => group).filter((group) => names.some((name) => groupOf(name) === group));
  }

  /** The registers of a group, as seen from a frame. */
  async values(group: string, frame: FrameReference): Promise<DebugProtocol.Variable[]> {
    const names = await this.allNames();
    const numbers = names.flatMap((name, number) => (groupOf(name) === group ? [String(number)] : []));
    const format = group === 'Flags' || group === 'Vector' ? 'N' : 'x';
    const answer = await this.gdb.send('data-list-register-values', [
      ...frameWords(frame),
      '--skip-unavailable',
      format,
      ...numbers,
    ]);
    return list(answer['register-values']).map((register) => {
      const { number, value } = tuple(register);
      const name = names[Number(text(number))] ?? '';
      return { name, value: text(value), evaluateName: `$${name}`, variablesReference: 0 };
    });
  }

  private allNames(): Promise<string[]> {
    this.names ??= this.gdb
      .send('data-list-register-names')
      .then((answer) => list(answer['register-names']).map((name) => text(name)));
    return this.names;
  }
}

function groupOf(name: string): string | undefined {
  if (name === '' || parts.test(name)) return undefined;
  return groups.find(([, pattern]) => pattern.test(name))?.[0];
}
