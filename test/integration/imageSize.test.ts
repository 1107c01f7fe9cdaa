import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { after, before, describe, it } from 'mocha';
import { readArtifact } from '../../src/build/build';
import { architectures, targets, type Architecture } from '../../src/targets';
import { boot, buildHello } from './unikernel';

/** The most bytes that the stripped image of hello has; that of the HTTP server is in network.test.ts. */
const limits = { x86_64: 40_000, aarch64: 50_000 };

/**
 * A program that reads a number so many bytes behind the beginning of an array, by instructions that are at that offset of a page.
 * At 0xff8 they are those which Cortex-A53 gets wrong (erratum 843419): adrp, a load, and a load by what adrp gave.
 */
const reads = (bytes: number, offset: number): string => `
int numbers[1 << 20];
int read_number(void);
__asm__(".pushsection .text.read_number, \\"ax\\"\\n.balign 4096\\n.skip ${offset}\\n"
        ".globl read_number\\n.type read_number, %function\\n"
        "read_number: adrp x0, numbers + ${bytes}\\nldr x1, [sp]\\nldr w0, [x0, :lo12:numbers + ${bytes}]\\nret\\n"
        ".size read_number, . - read_number\\n.skip ${0xff8 - offset}\\n.popsection");
int main(void) { numbers[${bytes / 4}] = 5; return read_number(); }
`;

async function imageSize(folder: string, architecture: Architecture): Promise<number> {
  return (await stat((await readArtifact(folder, architecture)).image)).size;
}

describe('the size of images', function () {
  this.timeout(300_000);
  let hello: Awaited<ReturnType<typeof buildHello>>;

  before(async () => {
    hello = await buildHello();
  });
  after(() => hello.remove());

  for (const architecture of architectures)
    it(`is within the limit for hello on ${architecture}`, async () => {
      const size = await imageSize(hello.folder, architecture);
      assert.ok(size <= limits[architecture], `${size} bytes`);
    });

  it('does not grow by a page where Cortex-A53 needs other instructions', async () => {
    const target = targets.find(({ architecture }) => architecture === 'aarch64')!;
    const sizes: number[] = [];
    for (const source of [reads(0, 0xfe0), reads(0, 0xff8), reads(1 << 21, 0xff8)]) {
      const project = await buildHello(source, { targets: ['aarch64'] });
      try {
        sizes.push(await imageSize(project.folder, 'aarch64'));
        assert.equal((await boot(project.folder, target)).status, 5);
      } finally {
        await project.remove();
      }
    }
    const [harmless = 0, near = 0, far = 0] = sizes;
    assert.ok(near < harmless + 100, sizes.join(' '));
    // what is too far away for adr still costs the page
    assert.ok(far >= harmless + 4096, sizes.join(' '));
  });
});
