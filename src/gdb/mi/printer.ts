import type { MiRecord, MiTuple, MiValue } from './record';

const marks = { result: '^', exec: '*', status: '+', notify: '=', console: '~', target: '@', log: '&' } as const;

/** Writes a record as gdb does: the inverse of parseMi. */
export function printMi(record: MiRecord): string {
  if (record.type === 'prompt') return '(gdb) ';
  if ('text' in record) return marks[record.type] + quote(record.text);
  const results = printResults(record.results);
  return `${record.token ?? ''}${marks[record.type]}${record.class}${results === '' ? '' : `,${results}`}`;
}

/** A C string, as MI has it in both directions. */
export function quote(text: string): string {
  const named: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '"': '\\"', '\\': '\\\\' };
  const escaped = text.replace(
    // eslint-disable-next-line no-control-regex -- control characters are what must be escaped
    /[\x00-\x1f"\\\x7f]/g,
    (character) => named[character] ?? `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return `"${escaped}"`;
}

function printValue(value: MiValue): string {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[${(value as readonly MiValue[]).map(printValue).join(',')}]`;
  return `{${printResults(value as MiTuple)}}`;
}

function printResults(results: MiTuple): string {
  return Object.entries(results)
    .map(([name, value]) => `${name}=${printValue(value ?? '')}`)
    .join(',');
}
