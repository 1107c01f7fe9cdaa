import type { DebugProtocol } from '@vscode/debugprotocol';
import { messageOf } from '../errors';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple } from '../gdb/mi/record';
import {
  addressIn,
  forPeople,
  hasParts,
  isUnshown,
  lengthOf,
  markedAsCut,
  memberExpression,
  operand,
  pageSize,
  previewedElements,
  previewExpression,
  previewLimit,
} from './format';
import { assignable, type References, type ValueSource } from './references';
import { frameWords, type FrameReference } from './stack';

/** As much as is listed at once of what a pretty printer shows: what is not initialized yet may seem to have no end. */
const mostListed = 1000;

/** A value of the guest, as gdb has told of it. */
export interface Value extends ValueSource {
  readonly name: string;
  /** As gdb prints it. */
  readonly value: string;
  /** What the person may evaluate to see it, where that is not asked for unasked: it may take a function of the library's. */
  readonly evaluateName?: string | undefined;
  /** Where the value itself is. */
  readonly address?: string | undefined;
  readonly isExpandable: boolean;
}

/** Asks gdb for values, and turns them into what an editor shows. */
export class Values {
  private objects: string[] = [];
  private lastObject = 0;

  constructor(
    private readonly gdb: Gdb,
    private readonly references: References,
  ) {}

  /** Makes a variable object of an expression in a frame, which evaluates it once. */
  async create(expression: string, frame: FrameReference | undefined): Promise<Value> {
    const object = `v${++this.lastObject}`;
    this.objects.push(object);
    const words = frame === undefined ? [] : frameWords(frame);
    const created = await this.gdb
      .send('var-create', [...words, object, '*', expression])
      .catch(async (error: unknown) => {
        // -var-create does not say what is wrong with an expression; this does.
        await this.evaluate(expression, frame);
        throw error;
      });
    return fromObject(created, { name: expression, expression, frame });
  }

  /** Evaluates an expression in a frame and answers what gdb prints of it. */
  async evaluate(expression: string, frame: FrameReference | undefined): Promise<string> {
    const words = frame === undefined ? [] : frameWords(frame);
    return text((await this.gdb.send('data-evaluate-expression', [...words, expression]))['value']);
  }

  /** Of a struct or an array gdb tells at first only that it is one: asks for its beginning and its address, at once. */
  async preview(value: Value): Promise<Value> {
    const { expression, frame, type } = value;
    if (expression === undefined) return this.summarized(value);
    const beginning = previewExpression(expression, type);
    const [shown, address] = await Promise.all([
      this.evaluate(beginning, frame).catch((error: unknown) => {
        const [message = ''] = messageOf(error).split('\n');
        // What is larger than gdb reads at once can still be shown member by member.
        return message.includes('max-value-size') ? '{...}' : `<${message}>`;
      }),
      this.evaluate(`&${operand(expression)}`, frame).then(addressIn, () => undefined),
    ]);
    return {
      ...value,
      value: beginning.includes('@') ? markedAsCut(shown) : shown,
      address,
      isExpandable: value.object === undefined ? hasParts(shown, type) : value.isExpandable,
    };
  }

  /** The members of a struct, the elements of an array or some of them, what a pointer points to. */
  async members(reference: number, source: ValueSource, start = 0, count = 0): Promise<DebugProtocol.Variable[]> {
    const { expression, frame, type } = source;
    // gdb makes variable objects of all elements, also when it is asked for some; of a slice it makes only those.
    const isPage = count > 0 && source.isPointer !== true && source.printer === undefined && type.endsWith(']');
    if (isPage && expression !== undefined) {
      const elements = await this.children(await this.create(`${operand(expression)}[${start}]@${count}`, frame));
      const named = elements.map((element, index) => ({
        ...element,
        name: `[${start + index}]`,
        expression: `${operand(expression)}[${start + index}]`,
      }));
      return this.showAll(named, reference);
    }
    const parent = source.object === undefined ? await this.create(expression ?? '', frame) : source;
    return this.showAll(await this.children(parent, start, count), reference);
  }

  /** What an editor shows of values, once those that gdb has not shown yet were asked for. */
  async showAll(values: readonly Value[], reference: number): Promise<DebugProtocol.Variable[]> {
    const complete = values.map(async (value) => (isUnshown(value.value) ? this.preview(value) : value));
    return (await Promise.all(complete)).map((value) => this.show(value, reference));
  }

  /** What an editor shows of a value; in a container, it can be changed there by its name. */
  show(value: Value, reference: number, limit = previewLimit): DebugProtocol.Variable {
    const { name, type, expression, object, evaluateName = expression } = value;
    const address = value.address ?? addressIn(value.value);
    const length = lengthOf(type, value.value) ?? 0;
    this.references.membersOf(reference)?.set(name, expression === undefined ? { object } : assignable(expression));
    return {
      name,
      type,
      value: value.value === '' ? type : forPeople(value.value, limit),
      variablesReference: value.isExpandable ? this.references.add({ kind: 'value', ...value }) : 0,
      ...(value.isExpandable && length > pageSize ? { indexedVariables: length } : {}),
      ...(evaluateName === undefined ? {} : { evaluateName }),
      ...(address === undefined ? {} : { memoryReference: address }),
    };
  }

  /** Assigns to a variable object; answers the value as gdb reads it back. */
  async assign(object: string, value: string): Promise<string> {
    return text((await this.gdb.send('var-assign', [object, value]))['value']);
  }

  /** Forgets all variable objects. gdb does it before what it is told next, so that nobody waits for it. */
  clear(): void {
    for (const object of this.objects) this.gdb.send('var-delete', [object]).catch(() => undefined);
    this.objects = [];
  }

  /** Of what cannot be evaluated, the preview is put together from its members. */
  private async summarized(value: Value): Promise<Value> {
    // A variable object would be made of each element.
    if ((lengthOf('', value.value) ?? 0) > previewedElements) return value;
    const members = await this.children(value, 0, value.printer === undefined ? 0 : previewedElements);
    const parts = members.map((member) => (/^\[\d+\]$/.test(member.name) ? '' : `${member.name} = `) + member.value);
    const isCut = value.printer !== undefined && members.length === previewedElements;
    return { ...value, value: `{${parts.join(', ')}${isCut ? '...' : ''}}` };
  }

  private async children(parent: ValueSource, start = 0, count = 0): Promise<Value[]> {
    const each = parent.printer === 'map' ? 2 : 1;
    const end = count > 0 ? start + count : mostListed;
    const isRange = count > 0 || parent.printer !== undefined;
    const range = isRange ? [String(start * each), String(end * each)] : [];
    const answer = await this.gdb.send('var-list-children', ['--all-values', parent.object ?? '', ...range]);
    const children = await Promise.all(list(answer['children']).map((child) => this.child(parent, tuple(child))));
    const values = parent.printer === 'map' ? inPairs(children.flat()) : children.flat();
    if (count > 0 || text(answer['has_more']) !== '1') return values;
    return [
      ...values,
      {
        name: '…',
        value: `more than ${mostListed}`,
        type: '',
        expression: undefined,
        frame: undefined,
        isExpandable: false,
      },
    ];
  }

  private async child(parent: ValueSource, child: MiTuple): Promise<Value[]> {
    const member = text(child['exp']);
    // C++ groups members by access: the groups are not what the person looks for.
    if (child['type'] === undefined && /^(public|protected|private)$/.test(member)) {
      return this.children({ ...parent, object: text(child['name']) });
    }
    const isAnonymous = member.startsWith('<anonymous ');
    const expression = isAnonymous ? undefined : await this.expressionOf(parent, child);
    const name = member.replace(/^(\*?)(\d+)$/, '$1[$2]');
    const value = fromObject(child, { name, expression, frame: parent.frame });
    if (parent.printer === 'array' && parent.expression !== undefined && /^\[\d+\]$/.test(member)) {
      return [{ ...value, evaluateName: `${operand(parent.expression)}${member}` }];
    }
    if (!isAnonymous) return [value];
    // Its members belong to the struct around it.
    return [{ ...value, membersAfter: parent.membersAfter ?? parent.expression, isPointer: parent.isPointer }];
  }

  private async expressionOf(parent: ValueSource, child: MiTuple): Promise<string | undefined> {
    const before = parent.membersAfter ?? parent.expression;
    if (before === undefined || parent.printer !== undefined) return undefined;
    const member = text(child['exp']);
    const isPointer = parent.isPointer === true;
    if (member === text(child['type']) && (await this.isBaseClass(text(child['name'])))) {
      return `*(${member} *)${isPointer ? '' : '&'}${operand(before)}`;
    }
    return memberExpression(before, isPointer, member);
  }

  /** A base class is listed as a member that is called like its type; gdb's expression for it tells them apart. */
  private async isBaseClass(object: string): Promise<boolean> {
    const answer = await this.gdb.send('var-info-path-expression', [object]);
    return /^\(\*?\(class /.test(text(answer['path_expr']));
  }
}

function fromObject(object: MiTuple, of: Pick<Value, 'name' | 'expression' | 'frame'>): Value {
  const value = text(object['value']);
  const isPrinted = text(object['dynamic']) === '1';
  const hint = text(object['displayhint']);
  const hasMembers = isPrinted ? hint !== 'string' && object['has_more'] !== '0' : Number(text(object['numchild'])) > 0;
  return {
    ...of,
    type: text(object['type']),
    value,
    object: text(object['name']),
    isPointer: value.startsWith('0x'),
    printer: isPrinted ? (hint === 'map' || hint === 'array' ? hint : 'other') : undefined,
    isExpandable: hasMembers && value !== '0x0',
  };
}

/** What a pretty printer gives as key, value, key, value. */
function inPairs(children: readonly Value[]): Value[] {
  return children.flatMap((key, index) => {
    const value = children[index + 1];
    if (index % 2 === 1 || value === undefined) return [];
    if (isUnshown(key.value))
      return [
        { ...key, name: `key ${key.name}` },
        { ...value, name: `value ${key.name}` },
      ];
    return [{ ...value, name: `[${forPeople(key.value, 60)}]` }];
  });
}
