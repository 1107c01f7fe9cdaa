import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { targets, type Architecture } from '../../src/targets';
import { boot, buildHello } from './unikernel';

/** Does what its argument says, which no memory of ours allows. */
const source = `#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char data[64];
static const char constant[64] = "constant";

static int recurse(volatile int *depth)
{
    volatile char frame[4096] = {0};
    *depth += frame[*depth & 1] + 1;
    return recurse(depth) + frame[0];
}

int main(int argc, char **argv)
{
    const char *what = argv[1];
    char *heap = malloc(64), *gone = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    volatile int depth = 0;
    munmap(gone, 4096);
    if (!strcmp(what, "write-code"))
        *(volatile char *)(uintptr_t)main = 0;
    if (!strcmp(what, "write-constant"))
        *(volatile char *)(uintptr_t)constant = 0;
    if (!strcmp(what, "run-data"))
        ((void (*)(void))(uintptr_t)data)();
    if (!strcmp(what, "run-heap"))
        ((void (*)(void))(uintptr_t)heap)();
    if (!strcmp(what, "run-stack"))
        ((void (*)(void))(uintptr_t)&depth)();
    if (!strcmp(what, "read-page-0"))
        return *(volatile char *)0xff8;
    if (!strcmp(what, "call-page-0"))
        ((void (*)(void))8)();
    if (!strcmp(what, "read-unmapped"))
        return *(volatile char *)gone;
    if (!strcmp(what, "read-beyond-file")) {
        int file = open("/short", O_RDWR | O_CREAT, 0600);
        char *mapped = mmap(0, 8192, PROT_READ, MAP_SHARED, file, 0);
        if (write(file, "x", 1) != 1 || mapped[0] != 'x' || write(1, mapped + 4096, 1) != -1 || errno != EFAULT)
            return 1;
        return *(volatile char *)(mapped + 4096);
    }
    if (!strcmp(what, "recurse"))
        return recurse(&depth);
    if (!strcmp(what, "trap"))
        __builtin_trap();
    if (!strcmp(what, "abort"))
        abort();
    if (!strcmp(what, "puts"))
        puts((const char *)1);
    if (!strcmp(what, "free-inside"))
        free(heap + 1);
    return argc == 2 ? 0 : 1;
}
`;

interface Fault {
  readonly what: string;
  readonly report: RegExp;
  readonly status: number;
  /** The function that the report has with file and line (default: main). */
  readonly frame?: string;
}

/** What the crash report says of each, and the status that a shell would show for the signal. */
const faults: Fault[] = [
  { what: 'write-code', report: /page fault: write of 0x/, status: 139 },
  { what: 'write-constant', report: /page fault: write of 0x/, status: 139 },
  { what: 'run-data', report: /page fault: execution of 0x/, status: 139 },
  { what: 'run-heap', report: /page fault: execution of 0x/, status: 139 },
  { what: 'run-stack', report: /page fault: execution of 0x/, status: 139 },
  { what: 'read-page-0', report: /page fault: read of 0x0000000000000ff8/, status: 139 },
  { what: 'call-page-0', report: /page fault: execution of 0x0000000000000008/, status: 139 },
  { what: 'read-unmapped', report: /page fault: read of 0x/, status: 139 },
  { what: 'read-beyond-file', report: /page fault: read of 0x\w+ \(beyond the end of the mapped file\)/, status: 135 },
  { what: 'recurse', report: /page fault: write of 0x\w+ \(stack overflow\)/, status: 139, frame: 'recurse' },
  { what: 'abort', report: /crash: aborted/, status: 134 },
];

/** Where the architectures differ: the compiler's trap, and how libc ends when it finds the heap damaged. */
const faultsOf: Record<Architecture, Fault[]> = {
  x86_64: [
    { what: 'trap', report: /undefined instruction/, status: 132 },
    { what: 'free-inside', report: /general protection fault/, status: 139 },
  ],
  aarch64: [
    { what: 'trap', report: /crash: breakpoint/, status: 133 },
    { what: 'free-inside', report: /page fault: write of 0x0000000000000000/, status: 139 },
  ],
};

describe('a fault', function () {
  this.timeout(300_000);
  let hello: Awaited<ReturnType<typeof buildHello>>;
  let project: string;

  before(async () => {
    hello = await buildHello(source);
    project = hello.folder;
  });
  after(() => hello.remove());

  for (const target of targets) {
    for (const { what, report, status, frame = 'main' } of [...faults, ...faultsOf[target.architecture]]) {
      it(`(${what}) is a crash report and status ${status} on ${target.id}`, async () => {
        const exit = await boot(project, target, [what]);
        assert.match(exit.output, report);
        assert.match(exit.output, new RegExp(`#\\d+ 0x[0-9a-f]{16} in ${frame} at src/main\\.c:\\d+\n`));
        assert.deepEqual([exit.status, exit.reason], [status, 'crashed'], exit.output);
      });
    }

    it(`is reported with libc's functions on the way on ${target.id}`, async () => {
      const { output } = await boot(project, target, ['puts']);
      assert.match(output, /#0 \S+ in strlen\n(?:.*\n)*.* in puts\n.* in main at src\/main\.c:\d+\n/);
    });
  }
});
