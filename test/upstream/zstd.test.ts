import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { boot } from '../integration/unikernel';
import { buildProgram, removePrograms, type Built } from './program';

/** Text of SIZE bytes that compresses as prose does, the same in each run. */
function makeText(size: number): Buffer {
  let seed = 1;
  const next = (limit: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * limit);
  };
  const words = Array.from({ length: 2000 }, () =>
    Array.from({ length: 2 + next(8) }, () => String.fromCharCode(97 + next(26))).join(''),
  );
  const text: string[] = [];
  for (let length = 0; length < size; length += text.at(-1)!.length)
    text.push(`${words[Math.min(next(2000), next(2000))]!}${next(12) === 0 ? '.\n' : ' '}`);
  return Buffer.from(text.join('')).subarray(0, size);
}

const long = process.env['UNIKERNEL_LONG'] === '1';
const [unit, times] = long ? [20_000_000, 10] : [4_000_000, 1];

describe('Zstandard', function () {
  this.timeout(900_000);
  let zstd: Built;

  before(async function () {
    zstd = await buildProgram(this, {
      name: 'zstd',
      package: 'libzstd',
      archive: 'libzstd_1.5.4+dfsg2.orig.tar.xz',
      sha256: '8cf4bbb65e77ec348d052c8d6230eba66d435bddf64c8b5be2fcb16880c19953',
      sources: ['programs/*.c', 'lib/{common,compress,decompress,dictBuilder}/*.{c,S}'],
      flags: ['-DZSTD_MULTITHREAD', '-DZSTD_LEGACY_SUPPORT=0', '-Isrc/lib', '-Isrc/lib/common'],
      project: { optimize: 'size', memory: long ? '1G' : '128M' },
      files: { text: Buffer.concat(Array<Buffer>(times).fill(makeText(unit))) },
    });
  });
  after(removePrograms);

  for (const target of targets) {
    it(`compresses with four threads on ${target.id} as on Linux`, async () => {
      // The result is the same however the threads take turns.
      const words = ['-1', '-T4', '-B524288', '-vv', '--no-progress', 'text', '-o', 'text.zst'];
      const [guest, native] = [await boot(zstd.folder, target, words), await zstd.runNatively(words)];
      const sizes = (output: string) => /\( *\d+ B *=> *\d+ B, text.zst\)/.exec(output)?.[0] ?? output;
      assert.equal(sizes(guest.output), sizes(native.output));
      assert.equal(guest.status, 0);
    });

    it(`compresses and decompresses in memory on ${target.id}`, async () => {
      // The benchmark ends with a comparison of all bytes.
      const { output, status } = await boot(zstd.folder, target, ['-b3', '-i0', '-T4', 'text']);
      assert.match(output, new RegExp(`text *: *${unit * times} -> *\\d+`));
      assert.doesNotMatch(output, /ERROR|error/);
      assert.equal(status, 0);
    });
  }
});
