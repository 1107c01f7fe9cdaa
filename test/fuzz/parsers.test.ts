import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { inForm } from '../form';
import { cpioHeader, cpioPadding, cpioTrailer } from '../../src/build/cpio';

/** For each parser two seconds of runs, the same each time; ten minutes together in the long form (npm run test:long), by new seeds. */
const seconds = 100;

interface Parser {
  readonly name: string;
  /** So many runs take some two seconds. */
  readonly runs: number;
  readonly longest: number;
  readonly seeds: (folder: string) => Promise<Buffer[]> | Buffer[];
}

function archive(): Buffer[] {
  const parts: Buffer[] = [];
  let offset = 0;
  const add = (...added: Buffer[]): void => {
    parts.push(...added);
    offset += added.reduce((sum, { length }) => sum + length, 0);
  };
  const entries: [string, number, Buffer][] = [
    ['folder', 0o040755, Buffer.alloc(0)],
    ['folder/small', 0o100644, Buffer.from('small')],
    ['folder/large', 0o100644, Buffer.alloc(9000, 'x')],
    ['link', 0o120777, Buffer.from('folder/small')],
  ];
  for (const [inode, [path, mode, content]] of entries.entries()) {
    add(cpioHeader({ path, mode, size: content.length }, offset, inode + 1), content);
    add(cpioPadding(content.length));
  }
  return [Buffer.concat([...parts, cpioTrailer(offset)])];
}

/** QEMU's own, without the room that it leaves in and behind it. */
async function deviceTrees(folder: string): Promise<Buffer[]> {
  const { execa } = await import('execa');
  const file = join(folder, 'tree.dtb');
  const machine = `virt,dumpdtb=${file}`;
  await execa('qemu-system-aarch64', ['-M', machine, '-cpu', 'cortex-a57', '-m', '128', '-display', 'none']);
  const tree = await readFile(file);
  const [structure, strings] = [tree.readUInt32BE(8), tree.readUInt32BE(12)];
  const end = Math.max(structure + tree.readUInt32BE(36), strings + tree.readUInt32BE(32));
  const first = tree.subarray(0, end + 1);
  const options = Buffer.from('bootargs\0initrdmem=1073741824,4096 word\0');
  return [first, Buffer.concat([tree.subarray(0, 400), options])];
}

/** The configuration space of QEMU's virtio-net-pci, the sizes of its BARs as powers of two, and registers. */
function devices(): Buffer[] {
  const space = Buffer.alloc(256);
  space.writeUInt32LE(0x00100000, 0x04);
  space.writeUInt8(0x40, 0x34);
  const capability = (at: number, words: readonly number[]): void => {
    for (const [i, word] of words.entries()) space.writeUInt32LE(word, at + 4 * i);
  };
  capability(0x40, [0x00025011, 1, 0x801]);
  capability(0x50, [0x01106409, 4, 0, 0x1000]);
  capability(0x64, [0x04107809, 4, 0x2000, 0x1000]);
  capability(0x78, [0x02140009, 4, 0x3000, 0x1000, 4]);
  const registers = Buffer.alloc(0x38);
  registers.writeUInt32LE(1, 0x04);
  registers.writeUInt16LE(256, 0x18);
  return [Buffer.concat([space, Buffer.from([0, 12, 0, 0, 14, 0]), registers])];
}

function queues(): Buffer[] {
  const sends = Buffer.from([2, 60, 0, 1, 1, 1, 3]);
  const receives = Buffer.from([0, 0x08, 0x09, 3, 0, 0x0c, 0x09, 100, 1, 3, 3]);
  return [sends, receives, Buffer.concat([receives, sends, receives])];
}

/** Right answers (1) to all requests, while directories, files and links are made, used and removed. */
function shares(): Buffer[] {
  const rightly = Buffer.alloc(600, 1);
  const mixed = Buffer.from(rightly.map((_, index) => (index * 37) % 256));
  return [rightly, mixed, Buffer.concat([rightly.subarray(0, 40), mixed])];
}

const program = `static long call(long number) {
#ifdef __x86_64__
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number) : "rcx", "r11", "memory");
    return result;
#else
    register long x8 __asm__("x8") = number, x0 __asm__("x0");
    __asm__ volatile("svc 0" : "=r"(x0) : "r"(x8) : "memory");
    return x0;
#endif
}
__attribute__((noinline)) long wrapper(long number) { return call(number); }
long (*volatile pointer)(long) = wrapper;
void _start(void) { pointer(3); for (;;) wrapper(call(39) ? 57 : 60); }
`;

/** Small static executables of both architectures, with symbols and without. */
async function executables(folder: string): Promise<Buffer[]> {
  const { execa } = await import('execa');
  const source = join(folder, 'program.c');
  await writeFile(source, program);
  const files: Buffer[] = [];
  for (const compiler of ['x86_64-linux-gnu-gcc', 'aarch64-linux-gnu-gcc'])
    for (const option of ['-O0', '-s']) {
      const file = join(folder, `${compiler}${option}`);
      const layout = ['-Wl,-z,noseparate-code', '-Wl,-z,max-page-size=4096', '-Wl,--build-id=none'];
      await execa(compiler, [
        '-O1',
        option,
        '-static',
        '-nostdlib',
        '-fno-pie',
        '-no-pie',
        ...layout,
        '-o',
        file,
        source,
      ]);
      files.push(await readFile(file));
    }
  return files;
}

/** All bits set: sums carry. */
function words(): Buffer[] {
  return [Buffer.alloc(131, 0xff), Buffer.from([3, 9, 61, ...Buffer.alloc(128, 0xff)])];
}

const parsers: Parser[] = [
  { name: 'archive', runs: 10_000, longest: 16_384, seeds: archive },
  { name: 'device_tree', runs: 50_000, longest: 16_384, seeds: deviceTrees },
  { name: 'queue', runs: 2_500, longest: 2_048, seeds: queues },
  { name: 'pci', runs: 10_000, longest: 512, seeds: devices },
  { name: 'share', runs: 5_000, longest: 4_096, seeds: shares },
  { name: 'words', runs: 100_000, longest: 131, seeds: words },
  { name: 'discover', runs: 2_000, longest: 16_384, seeds: executables },
  { name: 'pack', runs: 10_000, longest: 16_384, seeds: executables },
];

describe('a parser that is given anything', function () {
  this.timeout((seconds + 120) * 1000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unikernel-parsers-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const { name, runs, longest, seeds } of parsers) {
    it(`(${name}) stays within its memory`, async () => {
      const { execa } = await import('execa');
      const binary = join(folder, name);
      const corpus = join(folder, `${name}-corpus`);
      await mkdir(corpus);
      await execa(resolve(__dirname, 'parsers/build'), [name, binary]);
      for (const [index, seed] of (await seeds(folder)).entries()) await writeFile(join(corpus, `seed-${index}`), seed);
      const amount = inForm(['-seed=1', `-runs=${runs}`], [`-max_total_time=${seconds}`]);
      const options = [
        `-max_len=${longest}`,
        '-timeout=20',
        '-close_fd_mask=2',
        '-rss_limit_mb=2048',
        `-artifact_prefix=${folder}/`,
      ];
      const { exitCode, stderr } = await execa(binary, [...amount, ...options, corpus], { reject: false });
      assert.equal(exitCode, 0, stderr.slice(-6000));
      assert.match(stderr, /Done \d+ runs/);
    });
  }
});
