import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Guest } from '../../src/qemu/guest';
import { targets } from '../../src/targets';
import { inForm } from '../form';
import { findFreePages } from '../freePages';
import { boot } from '../integration/unikernel';
import { checkCalls } from './calls';
import { assertFlat, type Sample } from './load';
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

const [unit, times] = inForm([4_000_000, 1], [20_000_000, 10]);

/** What is compressed and decompressed in memory, in each case for at least so many seconds, or once. */
const benchmarks = [
  { file: 'text', size: unit * times, seconds: 0 },
  { file: 'unit', size: unit, seconds: 30 },
].slice(0, inForm(1, 2));

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
      project: { optimize: 'size', memory: inForm('128M', '1G') },
      files: { text: Buffer.concat(Array<Buffer>(times).fill(makeText(unit))), unit: makeText(unit) },
    });
  });
  after(removePrograms);

  it('makes no call on Linux that discovery does not find', async function () {
    await checkCalls(this, zstd.native.program, (before) =>
      zstd.runNatively(['-1', '-T4', 'unit', '-o', 'unit.zst'], before),
    );
  });

  for (const target of targets) {
    it(`compresses with four threads on ${target.id} as on Linux`, async () => {
      // The result is the same however the threads take turns.
      const words = ['-1', '-T4', '-B524288', '-vv', '--no-progress', 'text', '-o', 'text.zst'];
      const [guest, native] = [await boot(zstd.folder, target, words), await zstd.runNatively(words)];
      const sizes = (output: string) => /\( *\d+ B *=> *\d+ B, text.zst\)/.exec(output)?.[0] ?? output;
      assert.equal(sizes(guest.output), sizes(native.output));
      assert.equal(guest.status, 0);
    });

    for (const { file, size, seconds } of benchmarks)
      it(`compresses and decompresses ${size / 1e6} MB in memory on ${target.id}, which stays`, async () => {
        // Each time that it prints how far it is.
        const samples: Promise<Sample>[] = [];
        const look = async (guest: Guest): Promise<Sample> => {
          const freePages = await findFreePages(guest, zstd.folder, target);
          return { requests: 0, free: await freePages() };
        };
        // The benchmark ends with a comparison of all bytes.
        const words = ['-b3', `-i${seconds}`, '-T4', file];
        const { output, status } = await boot(zstd.folder, target, words, (data, guest) => {
          if (data.includes('MB/s')) samples.push(look(guest));
        });
        assert.match(output, new RegExp(`${file} *: *${size} -> *\\d+`));
        assert.doesNotMatch(output, /ERROR|error/);
        assert.equal(status, 0);
        if (seconds === 0) return;
        const all = (await Promise.allSettled(samples)).flatMap((one) =>
          one.status === 'fulfilled' ? [one.value] : [],
        );
        // At first the buffers are not all there, at last they go.
        const seen = all.slice(2, -2);
        assert.ok(seen.length >= 6, output);
        assertFlat(seen);
        console.log(`Zstandard on ${target.id}: pages free: ${seen.map(({ free }) => free).join(' ')}`);
      });
  }
});
