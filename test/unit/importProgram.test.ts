import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';

const source = `
  .globl _start
_start:
  mov $60, %eax
  mov value(%rip), %edi
  syscall
  .data
value: .long 42
  .bss
room: .skip 100000
`;

describe('importing a ready program', () => {
  let folder: string;
  let elf: string;

  /** Links the program another way; answers its path. */
  function link(name: string, ...options: string[]): string {
    const path = join(folder, name);
    execFileSync('x86_64-linux-gnu-gcc', ['-nostdlib', ...options, '-o', path, `${elf}.S`]);
    return path;
  }

  /** What import-program prints, and how it ends. */
  function importProgram(path: string, architecture = 'x86_64') {
    const script = join(folder, 'script');
    const program = join(folder, 'import-program');
    return spawnSync(program, [architecture, path, join(folder, 'object.o'), script], { encoding: 'utf8' });
  }

  function assertRefused(path: string, message: RegExp, architecture?: string): void {
    const { status, stdout } = importProgram(path, architecture);
    assert.equal(status, 1);
    assert.ok(stdout.startsWith(`${path}:1: error: `), stdout);
    assert.match(stdout, message);
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'import-'));
    elf = join(folder, 'program');
    execFileSync('toolchains/elf/build', [folder]);
    writeFileSync(`${elf}.S`, source);
    link('program', '-static', '-no-pie');
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('keeps its addresses, and puts the library OS behind it', () => {
    assert.equal(importProgram(elf).status, 0);
    const script = readFileSync(join(folder, 'script'), 'utf8');
    const [, address = '', physical = ''] = /\.program\.text (0x\w+) : AT\((0x\w+)\)/.exec(script) ?? [];
    assert.ok(parseInt(address, 16) >= 0x400000);
    assert.ok(parseInt(physical, 16) >= 0x100000);
    const end = parseInt(/ = (0x\w+) \+ SIZEOF_HEADERS/.exec(script)?.[1] ?? '', 16);
    const [, start = ''] = /\.program\.bss (0x\w+)/.exec(script) ?? [];
    assert.ok(end >= parseInt(start, 16) + 100_000);
  });

  it('has no symbol that the library OS could take for its own', () => {
    importProgram(elf);
    const names = execFileSync('nm', [join(folder, 'object.o')], { encoding: 'utf8' });
    assert.match(names, / t _start$/m);
    assert.doesNotMatch(names, / [A-TV-Z] /);
  });

  it('keeps the bytes of a program without sections', () => {
    const stripped = join(folder, 'stripped');
    const bytes = Buffer.from(readFileSync(elf));
    bytes.fill(0, 0x28, 0x30);
    bytes.fill(0, 0x3c, 0x40);
    writeFileSync(stripped, bytes);
    assert.equal(importProgram(stripped).status, 0);
    const script = readFileSync(join(folder, 'script'), 'utf8');
    assert.match(script, /\.program\.headers 0x400000 : /);
  });

  it('refuses a program that is dynamically linked', () => {
    const path = join(folder, 'dynamic');
    writeFileSync(`${path}.c`, 'int main(void) { return 0; }\n');
    execFileSync('x86_64-linux-gnu-gcc', ['-no-pie', '-o', path, `${path}.c`]);
    assertRefused(path, /dynamically linked.*-static/);
  });

  it('refuses a program that is position-independent', () => {
    const path = join(folder, 'pie');
    writeFileSync(`${path}.S`, '.globl _start\n_start: ret\n');
    execFileSync('x86_64-linux-gnu-gcc', ['-nostdlib', '-static-pie', '-o', path, `${path}.S`]);
    assertRefused(path, /position-independent.*-no-pie/);
  });

  it('refuses a program of another architecture', () => {
    assertRefused(elf, /is for x86_64, not for aarch64/, 'aarch64');
  });

  it('refuses what is no program, and what is cut short', () => {
    const path = join(folder, 'other');
    writeFileSync(path, `#!/bin/sh\n${' '.repeat(100)}`);
    assertRefused(path, /not an ELF executable/);
    writeFileSync(path, readFileSync(elf).subarray(0, 0x1001));
    assertRefused(path, /cut short/);
    assertRefused(`${elf}.S`, /not an ELF executable/);
    execFileSync('x86_64-linux-gnu-gcc', ['-c', '-o', path, `${elf}.S`]);
    assertRefused(path, /object file/);
  });

  it('refuses addresses that are not there, or leave the library OS no room', () => {
    assertRefused(link('high', '-static', '-no-pie', '-Wl,-Ttext-segment=0x2000000000'), /segment at 0x2000000000/);
    const large = join(folder, 'large');
    writeFileSync(`${large}.S`, '.globl _start\n_start: ret\n.bss\n.skip 0x60000000\n');
    execFileSync('x86_64-linux-gnu-gcc', ['-nostdlib', '-static', '-no-pie', '-o', large, `${large}.S`]);
    assertRefused(large, /no room for the library OS/);
  });
});
