import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { targets, type Architecture } from '../../src/targets';
import { boot, buildHello } from './unikernel';

/** Does to the library OS what a stray pointer or a bug might; the names are those of libos/arch and libos/kernel. */
const source = `#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char libos_constant[], libos_guard[];
extern uintptr_t libos_stack_guard;
enum { STACK = 16384, PAGE = 4096 };
static const uintptr_t thread_stack = 0x7fc0000000 + 4 * STACK; /* the end of the first thread's: libos/kernel/stacks.c */
#ifdef __x86_64__
static const unsigned char returns[] = {0xc3};
extern char libos_gdt[];
extern uintptr_t libos_stack_top;
#else
static const unsigned int returns[] = {0xd65f03c0};
#endif
static int ends[2], changed;
/* The same memory in the direct map: LIBOS_DIRECT_MAP of libos/include/libos.h. */
#define ALIAS(what) (*(volatile char *)((uintptr_t)(what) + 0x4000000000))

static void *waits(void *unused)
{
    char byte;
    return read(ends[0], &byte, 1) == 1 ? unused : NULL;
}

/* The library OS enters with a stack that has room for nothing. */
static void exhaust(void)
{
    uintptr_t end = (uintptr_t)libos_guard + PAGE + 64;
#ifdef __x86_64__
    libos_stack_top = end;
#else
    __asm__ volatile("msr SPSel, #1; mov sp, %0; msr SPSel, #0" ::"r"(end));
#endif
    syscall(SYS_getpid);
}

int main(int argc, char **argv)
{
    const char *what = argv[1];
    pthread_t thread;
    uintptr_t *word = (uintptr_t *)(thread_stack - STACK);
    if (pipe(ends) || pthread_create(&thread, NULL, waits, NULL))
        return 1;
    usleep(20000);
    if (!strcmp(what, "write-constant"))
        *(volatile char *)libos_constant = 0;
    if (!strcmp(what, "run-constant"))
        ((void (*)(void))(uintptr_t)returns)();
    if (!strcmp(what, "alias-of-code"))
        ALIAS(main) = 0;
    if (!strcmp(what, "alias-of-constant"))
        ALIAS(returns) = 0;
    if (!strcmp(what, "alias-of-tables"))
        ALIAS(libos_constant) = 0;
    ALIAS(&changed) = ALIAS(returns);
    if (changed != *(const unsigned char *)returns)
        return 2;
    if (!strcmp(what, "write-guard"))
        *(volatile char *)(libos_guard + 8) = 0;
    if (!strcmp(what, "write-below-stack")) {
        word[0] = 1;
        *(volatile uintptr_t *)(word - 1) = 1;
    }
    if (!strcmp(what, "overflow"))
        exhaust();
    if (!strcmp(what, "overwrite")) {
        for (; (uintptr_t)word < thread_stack; word++)
            if (*word == libos_stack_guard)
                *word += 1;
        return write(ends[1], "", 1) == 1 && pthread_join(thread, NULL);
    }
#ifdef __x86_64__
    char place[10];
    if (!strcmp(what, "write-descriptors"))
        *(volatile char *)libos_gdt = 0;
    if (!strcmp(what, "find-descriptors"))
        __asm__ volatile("sidt %0" : "=m"(place));
    if (!strcmp(what, "use-port"))
        __asm__ volatile("outb %%al, $0x80" ::"a"(0));
#endif
    return argc == 2 ? 0 : 1;
}
`;

const write = /crash: page fault: write of 0x/;
const onBoth: [what: string, report: RegExp, status: number][] = [
  ['write-constant', write, 139],
  ['alias-of-code', /crash: page fault: write of 0x00000040/, 139],
  ['alias-of-constant', /crash: page fault: write of 0x00000040/, 139],
  ['alias-of-tables', /crash: page fault: write of 0x00000040/, 139],
  ['run-constant', /crash: page fault: execution of 0x/, 139],
  ['write-guard', write, 139],
  ['write-below-stack', /crash: page fault: write of 0x0000007fc000bff8/, 139],
  ['overwrite', /crash: a stack of the library OS was overwritten/, 134],
];
const onOne: Record<Architecture, typeof onBoth> = {
  x86_64: [
    ['overflow', /crash: stack overflow in the library OS/, 139],
    ['write-descriptors', write, 139],
    ['find-descriptors', /crash: general protection fault/, 139],
    ['use-port', /crash: general protection fault/, 139],
  ],
  aarch64: [['overflow', write, 139]],
};

describe('what the library OS stands on', function () {
  this.timeout(300_000);
  let hello: Awaited<ReturnType<typeof buildHello>>;

  before(async () => {
    hello = await buildHello(source);
  });
  after(() => hello.remove());

  for (const target of targets) {
    it(`lets a program live that leaves it alone on ${target.id}`, async () => {
      assert.deepEqual(await boot(hello.folder, target, ['nothing']), { output: '', status: 0, reason: 'exited' });
    });
    for (const [what, report, status] of [...onBoth, ...onOne[target.architecture]])
      it(`is protected (${what}) on ${target.id}`, async () => {
        const exit = await boot(hello.folder, target, [what]);
        assert.match(exit.output, report);
        assert.match(exit.output, /\*\*\* end of crash/);
        assert.deepEqual([exit.status, exit.reason], [status, 'crashed'], exit.output);
      });
  }
});
