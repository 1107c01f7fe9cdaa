import type { MiList, MiRecord, MiTuple, MiValue } from './record';

const resultKinds = { '^': 'result', '*': 'exec', '+': 'status', '=': 'notify' } as const;
const streamKinds = { '~': 'console', '@': 'target', '&': 'log' } as const;

/**
 * Reads one line of gdb's output, without its line end. Undefined when the line is not MI: with a remote target, that is
 * the program's own output. Throws a SyntaxError where a line begins as MI and then is not.
 */
export function parseMi(line: string): MiRecord | undefined {
  if (line.trimEnd() === '(gdb)') return { type: 'prompt' };
  return new Parser(line).record();
}

class Parser {
  private position = 0;

  constructor(private readonly line: string) {}

  record(): MiRecord | undefined {
    const digits = /^\d*/.exec(this.line)?.[0] ?? '';
    this.position = digits.length;
    const mark = this.line[this.position++] ?? '';
    if (mark in streamKinds && digits === '') {
      if (this.peek() !== '"') return undefined;
      const record = { type: streamKinds[mark as keyof typeof streamKinds], text: this.string() };
      this.end();
      return record;
    }
    if (!(mark in resultKinds)) return undefined;
    const type = resultKinds[mark as keyof typeof resultKinds];
    const name = this.word(/[a-z-]+/y);
    const results: Record<string, MiValue> = {};
    while (this.accept(',')) this.addResult(results);
    this.end();
    return { type, ...(digits === '' ? {} : { token: Number(digits) }), class: name, results };
  }

  private addResult(results: Record<string, MiValue>): void {
    const name = this.name();
    const value = this.value();
    // A name that comes again (frame=…,frame=…) makes a list; gdb < 13 writes breakpoint locations without one.
    const before = results[name];
    if (before === undefined) results[name] = value;
    else if (Array.isArray(before)) results[name] = [...(before as MiList), value];
    else results[name] = [before, value];
  }

  private value(): MiValue {
    switch (this.peek()) {
      case '"':
        return this.string();
      case '{':
        return this.tuple();
      case '[':
        return this.list();
      default:
        return this.fail('a value');
    }
  }

  private tuple(): MiTuple {
    this.expect('{');
    const results: Record<string, MiValue> = {};
    if (this.accept('}')) return results;
    do this.addResult(results);
    while (this.accept(','));
    this.expect('}');
    return results;
  }

  private list(): MiList {
    this.expect('[');
    const values: MiValue[] = [];
    if (this.accept(']')) return values;
    do {
      if (!'"{['.includes(this.peek())) this.name();
      values.push(this.value());
    } while (this.accept(','));
    this.expect(']');
    return values;
  }

  private name(): string {
    const start = this.position;
    let end = start;
    // By hand, as strings are: a large answer consists of little else.
    while (end < this.line.length && !'=,"{}[]'.includes(this.line.charAt(end))) end++;
    if (end === start || this.line[end] !== '=') this.fail('a name');
    this.position = end + 1;
    return this.line.slice(start, end);
  }

  /** A C string; octal escapes are bytes, and bytes are UTF-8. */
  private string(): string {
    this.expect('"');
    const end = this.line.indexOf('"', this.position);
    const plain = this.line.slice(this.position, end);
    if (end >= 0 && !plain.includes('\\')) {
      this.position = end + 1;
      return plain;
    }
    return this.stringWithEscapes();
  }

  private stringWithEscapes(): string {
    const bytes: Buffer[] = [];
    for (;;) {
      const plain = this.match(/[^"\\]+/y);
      if (plain !== undefined) bytes.push(Buffer.from(plain));
      else if (this.accept('"')) return Buffer.concat(bytes).toString();
      else bytes.push(this.escape());
    }
  }

  private escape(): Buffer {
    this.expect('\\');
    const octal = this.match(/[0-7]{1,3}/y);
    if (octal !== undefined) return Buffer.of(Number.parseInt(octal, 8) & 0xff);
    const character = this.line[this.position++] ?? this.fail('an escaped character');
    return Buffer.from(escapes[character] ?? character);
  }

  private word(pattern: RegExp): string {
    return this.match(pattern) ?? this.fail('a name');
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.line)?.[0];
    this.position += found?.length ?? 0;
    return found;
  }

  private peek(): string {
    return this.line[this.position] ?? this.fail('more');
  }

  private accept(character: string): boolean {
    if (this.line[this.position] !== character) return false;
    this.position++;
    return true;
  }

  private expect(character: string): void {
    if (!this.accept(character)) this.fail(character);
  }

  private end(): void {
    if (this.line.slice(this.position).trim() !== '') this.fail('the end');
  }

  private fail(expected: string): never {
    throw new SyntaxError(`MI: expected ${expected} at ${this.position} of ${this.line.slice(0, 400)}`);
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\x1b',
};
