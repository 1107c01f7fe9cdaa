import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { boot, buildHello } from './unikernel';

const root = resolve(__dirname, '../..');

/** Prints some, and of many more whether two eight bytes are the same and how many bits are set. */
const source = `#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static uint64_t words[8192];

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

int main(void)
{
    char *bytes = (char *)words;
    int set = 0, same = 0;
    for (size_t at = 0; at < sizeof words;) {
        ssize_t some = getrandom(bytes + at, at % 61 + 1 < sizeof words - at ? at % 61 + 1 : sizeof words - at, 0);
        if (some <= 0)
            return 1;
        at += (size_t)some;
    }
    for (int i = 0; i < 4; i++)
        printf("%016llx\\n", (unsigned long long)words[i]);
    qsort(words, 8192, sizeof *words, compare);
    for (int i = 0; i < 8192; i++) {
        set += __builtin_popcountll(words[i]);
        same += i > 0 && words[i] == words[i - 1];
    }
    printf("%d\\n%d\\n", same, set);
    return 0;
}
`;

describe('random bytes', function () {
  this.timeout(300_000);
  let project: Awaited<ReturnType<typeof buildHello>>;

  before(async () => {
    project = await buildHello(source);
  });
  after(() => project.remove());

  it('are made by ChaCha20 as RFC 8439 has it', async () => {
    const { execa } = await import('execa');
    const folder = await mkdtemp(join(tmpdir(), 'unikernel-chacha20-'));
    const program = join(folder, 'chacha20');
    const sources = [join(root, 'test/fixtures/random/chacha20.c'), join(root, 'libos/kernel/chacha20.c')];
    await execa('gcc', ['-std=c11', '-I', join(root, 'libos/include'), '-o', program, ...sources]);
    const { stdout } = await execa(program);
    await rm(folder, { recursive: true });
    assert.equal(
      stdout.replaceAll('\n', ' '),
      'e4e7f110 15593bd1 1fdd0f50 c47120a3 c7f4d1c7 0368c033 9aaa2204 4e6cd4c3 ' +
        '466482d2 09aa9f07 05d7c214 a2028bd9 d19c12b5 b94e16de e883d0cb 4e3c50a2',
    );
  });

  for (const target of targets) {
    it(`do not come again, in one run or the next, on ${target.id}`, async () => {
      const runs = [await boot(project.folder, target), await boot(project.folder, target)];
      const beginnings = runs.flatMap(({ output, status }) => {
        const lines = output.trim().split('\n');
        const [same, set] = lines.slice(4).map(Number);
        assert.deepEqual({ status, same }, { status: 0, same: 0 }, output);
        // Of 524,288 bits, ten standard deviations of 362 around the half.
        assert.ok(Math.abs((set ?? 0) - 262_144) < 3620, output);
        return lines.slice(0, 4);
      });
      assert.equal(new Set(beginnings).size, 8);
    });
  }
});
