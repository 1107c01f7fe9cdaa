import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';

const program = `
  .globl _start
_start:
  mov $60, %eax
  mov value, %edi
  syscall
  .data
value: .long 42
`;

describe('packing an image', () => {
  let folder: string;
  let pack: string;
  let elf: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pack-'));
    pack = join(folder, 'pack');
    elf = join(folder, 'program');
    execFileSync('toolchains/shared/pack/build', [pack]);
    writeFileSync(`${elf}.S`, program);
    execFileSync('x86_64-linux-gnu-gcc', ['-nostdlib', '-static', '-no-pie', '-o', elf, `${elf}.S`]);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('keeps what each segment holds and where it goes in memory, in less room', () => {
    const packed = join(folder, 'packed');
    execFileSync(pack, [elf, packed]);
    const [before, after] = [readSegments(elf), readSegments(packed)];
    assert.deepEqual(after, before);
    assert.ok(readFileSync(packed).length < readFileSync(elf).length / 4);
  });

  it('refuses what is no executable, or was cut short', () => {
    const whole = readFileSync(elf);
    for (const content of [Buffer.from('#!/bin/sh\n'), whole.subarray(0, 70), whole.subarray(0, 0x1001)]) {
      const path = join(folder, 'broken');
      writeFileSync(path, content);
      const { status, stderr } = spawnSync(pack, [path, join(folder, 'never')], { encoding: 'utf8' });
      assert.equal(status, 1);
      assert.match(stderr, /^pack: .*broken/);
    }
  });
});

/** What is loaded: address, size in memory, access, and content in hexadecimal. */
function readSegments(path: string): string[] {
  const file = readFileSync(path);
  const [offset, count] = [Number(file.readBigUInt64LE(32)), file.readUInt16LE(56)];
  const segments = Array.from({ length: count }, (_, index) =>
    file.subarray(offset + 56 * index, offset + 56 * (index + 1)),
  );
  return segments
    .filter((segment) => segment.readUInt32LE(0) === 1)
    .map((segment) => {
      const [start, address, size, memory] = [8, 16, 32, 40].map((at) => Number(segment.readBigUInt64LE(at))) as [
        number,
        number,
        number,
        number,
      ];
      // The first holds the headers, which say where the others are in the file.
      const content = start === 0 ? '' : file.subarray(start, start + size).toString('hex');
      return [address, memory, segment.readUInt32LE(4), content].join(' ');
    });
}
