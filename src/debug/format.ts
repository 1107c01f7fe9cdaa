/** As much of a struct or an array as a line of an editor shows. */
export const previewLimit = 200;

/** Elements of an array that are worth reading for a preview. */
export const previewedElements = 20;

/** Arrays with more elements are shown in pages. */
export const pageSize = 100;

/** A value as gdb prints it, for people: the zeros after a string's end are left out, and what is too long is cut. */
export function forPeople(value: string, limit = Number.POSITIVE_INFINITY): string {
  const text = value.replace(/(\\000)+"(?!\.\.\.)/g, '"').replace(/", '\\000' <repeats \d+ times>/g, '"');
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** An expression without what may stand after it to see it in hexadecimal, as in other debuggers for C: `total,x`. */
export function withoutFormat(expression: string): { readonly expression: string; readonly hex: boolean } {
  const plain = expression.replace(/,\s*[xh]$/, '');
  return { expression: plain, hex: plain !== expression };
}

/** True for what a variable object shows of a struct or an array: only that it is one. */
export function isUnshown(value: string): boolean {
  return value === '{...}' || /^\[\d+\]$/.test(value);
}

/** True when a printed value has parts: a struct, an array, or what a pretty printer shows as such. */
export function hasParts(value: string, type: string): boolean {
  // A function is printed as `{int (int)} 0x1000 <square>`.
  return /^(\{(?![^{}]*\)\} 0x)|[^"]* = \{)/.test(value) || type.endsWith(']');
}

/** How many elements a value has, as far as its type (`int [3]`) or its pretty printer (`… of length 3 …`) say. */
export function lengthOf(type: string, value: string): number | undefined {
  const printed = /^std::\S+ (?:of length|with) (\d+)/.exec(value)?.[1];
  const length = printed ?? /^[^(]*?\[(\d+)\]/.exec(type)?.[1] ?? /^\[(\d+)\]$/.exec(value)?.[1];
  return length === undefined ? undefined : Number(length);
}

/** The address that a printed pointer or reference holds: `0x1000 <total>`, `@0x1000: 3`; undefined for a null pointer. */
export function addressIn(value: string): string | undefined {
  return /^@?(0x[1-9a-f][0-9a-f]*)/.exec(value)?.[1];
}

/** What to evaluate to see something of a value without reading all of a large array. */
export function previewExpression(expression: string, type: string): string {
  // gdb prints of a reference only where it points.
  if (type.endsWith('&')) return `*&${operand(expression)}`;
  const isText = /^(const )?((un)?signed )?char \[\d+\]$/.test(type);
  const limit = isText ? previewLimit : previewedElements;
  return (lengthOf(type, '') ?? 0) > limit ? `${operand(expression)}[0]@${limit}` : expression;
}

/** A preview that shows only the first elements says so, unless they are the zeros after the end of a string. */
export function markedAsCut(preview: string): string {
  if (preview.endsWith('...') || /\\000("|' <repeats \d+ times>)$/.test(preview)) return preview;
  return preview.endsWith('}') ? `${preview.slice(0, -1)}...}` : `${preview}...`;
}

/** An expression that anything may be put after, such as `[1]` or `.x`. */
export function operand(expression: string): string {
  return /^\$?[A-Za-z_]\w*((\.|->)[A-Za-z_]\w*|\[\d+\])*$/.test(expression) ? expression : `(${expression})`;
}

/** The C expression of a member as gdb names it (`x`, `3`, `*where`); undefined when it has none. */
export function memberExpression(parent: string, isPointer: boolean, member: string): string | undefined {
  if (/^\d+$/.test(member)) return `${operand(parent)}[${member}]`;
  if (member.startsWith('*')) return `*${operand(parent)}`;
  return /^[A-Za-z_]\w*$/.test(member) ? `${operand(parent)}${isPointer ? '->' : '.'}${member}` : undefined;
}
