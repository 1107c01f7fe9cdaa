import { aarch64Fields } from './registerFieldsAarch64';
import { x86Fields } from './registerFieldsX86';

/** Bits of a register that have a meaning of their own. */
export interface Field {
  readonly name: string;
  /** The lowest of its bits, from 0. */
  readonly bit: number;
  readonly width: number;
  readonly meaning: string;
  /** The values that stand for something, in words. */
  readonly words?: Readonly<Record<number, string>>;
}

/** The fields of a register, which may depend on its value: ESR_EL1's differ by the cause. Undefined when it has none. */
export function fieldsOf(register: string, value: bigint): readonly Field[] | undefined {
  const fields = x86Fields[register] ?? aarch64Fields[register];
  return typeof fields === 'function' ? fields(value) : fields;
}

/** The value of a field in the register's value. */
export function fieldValue({ bit, width }: Field, value: bigint): number {
  return Number((value >> BigInt(bit)) & mask(width));
}

/** A field in C. gdb computes little with a type of flags: it tests bits, and shifts only what is a plain number. */
export function fieldExpression({ bit, width }: Field, register: string): string {
  const bits = Array.from(
    { length: width },
    (_, index) => `(${register} & ${hexadecimal(1n << BigInt(bit + index))}) != 0`,
  );
  if (width === 1) return bits.join('');
  if (width > 4) return `${register} >> ${bit} & ${hexadecimal(mask(width))}`;
  return bits.map((test, index) => (index === 0 ? `(${test})` : `(${test}) * ${1 << index}`)).join(' + ');
}

/** The register's value once a field has another one. */
export function withField({ bit, width }: Field, value: bigint, fieldValue: bigint): bigint {
  return (value & ~(mask(width) << BigInt(bit))) | ((fieldValue & mask(width)) << BigInt(bit));
}

/** A field's value as a person reads it: `2`, `0x24 data abort from a lower exception level`. */
export function describeField(field: Field, value: bigint): string {
  const number = fieldValue(field, value);
  const words = field.words?.[number];
  const digits = field.width <= 4 ? String(number) : `0x${number.toString(16)}`;
  return words === undefined ? digits : `${digits} ${words}`;
}

/** A register at a glance: the flags that are set, the fields that are not 0 or whose 0 has a name: `IF ZF IOPL=3`. */
export function summarize(fields: readonly Field[], value: bigint): string {
  const parts = fields.flatMap((field) => {
    const number = fieldValue(field, value);
    const words = field.words?.[number];
    if (words !== undefined) return field.width === 1 ? words : `${field.name}=${words}`;
    if (number === 0) return [];
    return field.width === 1 ? field.name : `${field.name}=${describeField(field, value)}`;
  });
  return parts.join(', ');
}

function hexadecimal(number: bigint): string {
  return `0x${number.toString(16)}`;
}

function mask(width: number): bigint {
  return (1n << BigInt(width)) - 1n;
}
