/*
 * Calls the library OS with arguments at random: fuzz SEED COUNT. It prints a line and ends with 0, whatever the calls answer; a crash or
 * a hang is a fault of the library OS. `calls.h`, which the test writes, has CALL(name) for each handler.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define CALL(name) \
    static long call_##name(const long *a) { return syscall(SYS_##name, a[0], a[1], a[2], a[3], a[4], a[5]); }
#include "calls.h"
#undef CALL

struct call {
    const char *name;
    long (*make)(const long *arguments);
};
#define CALL(name) {#name, call_##name},
static const struct call calls[] = {
#include "calls.h"
};

enum { PAGE = 4096, BUFFER = 16 * PAGE, PAGES = 32, CALLS = sizeof calls / sizeof *calls };

static uint64_t state;
/* What calls read and write, with nothing before and behind it; and what they may map as they like. */
static char *buffer, *playground;

/* xorshift64* */
static uint64_t next(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1dull;
}

static uint64_t below(uint64_t limit)
{
    return next() % limit;
}

static long place(void)
{
    static const char *const paths[] = {"/tmp/a", "/tmp/b", "/tmp", "c", "c/d", "/", "", "/dev/null", "/proc/self/maps", "/tmp/a/b", "/dev/tty"};
    char *at = buffer + below(BUFFER);
    switch (below(8)) {
    case 0:
        return 0;
    case 1:
        return (long)(buffer + BUFFER - below(24)); /* goes over the end */
    case 2:
        return (long)next();
    case 3:
    case 4: {
        const char *path = paths[below(sizeof paths / sizeof *paths)];
        if (at + strlen(path) < buffer + BUFFER)
            memcpy(at, path, strlen(path) + 1);
        return (long)at;
    }
    default:
        return (long)((uintptr_t)at & -16ul);
    }
}

static long number(void)
{
    static const long edges[] = {-1, 1, 2, 4, 8, 16, 255, 4095, 4096, 4097, 65536, INT32_MAX, INT32_MIN, UINT32_MAX, INT64_MAX, INT64_MIN};
    switch (below(4)) {
    case 0:
        return edges[below(sizeof edges / sizeof *edges)];
    case 1:
        return 1l << below(64);
    case 2:
        return (long)next();
    default:
        return (long)below(32);
    }
}

/* Not 1 and 2: the test reads what is printed. */
static long descriptor(void)
{
    return below(8) ? (long)below(24) + 3 : below(2) ? -1 : 0;
}

static void choose(long *arguments)
{
    for (int i = 0; i < 6; i++) {
        uint64_t kind = below(i == 0 ? 4 : 8);
        arguments[i] = kind < 2 ? (i == 0 ? descriptor() : place()) : kind == 2 ? place() : kind == 3 ? descriptor() : number();
    }
    if (arguments[0] == 1 || arguments[0] == 2)
        arguments[0] = 3;
    /* nor are they replaced */
    if (arguments[1] == 1 || arguments[1] == 2)
        arguments[1] = 4;
}

static int is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (!strcmp(*names, name))
            return 1;
    return 0;
}

/* The program goes on: its memory stays, and no signal ends it. */
static void keep_alive(const char *name, long *arguments)
{
    static const char *const mapping[] = {"mmap", "munmap", "mprotect", "mremap", "madvise", "mlock", "munlock", "msync", "mincore", NULL};
    static const char *const sending[] = {"kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", NULL};
    if (is_one_of(name, mapping)) {
        uint64_t first = below(PAGES), count = below(PAGES - first) + 1;
        arguments[0] = (long)(playground + first * PAGE);
        arguments[1] = (long)(count * PAGE - below(2) * below(PAGE));
        if (!strcmp(name, "mremap")) {
            arguments[2] = (long)(below(PAGES - first) + 1) * PAGE;
            arguments[3] = (long)below(4);
            arguments[4] = (long)(playground + below(PAGES - 4) * PAGE);
        }
    }
    if (!strcmp(name, "brk"))
        arguments[0] = 0;
    if (is_one_of(name, sending))
        for (int i = 0; i < 3; i++)
            arguments[i] = i == 0 ? (long)below(3) : below(2) ? SIGUSR1 : -1;
}

static void ignore(int signal)
{
    (void)signal;
}

/* Ends a call that waits, again and again. */
static void tick(void)
{
    static const struct itimerval interval = {{0, 2000}, {0, 2000}};
    setitimer(ITIMER_REAL, &interval, NULL);
}

static void open_some(void)
{
    int pair[2], set = epoll_create1(0);
    open("/tmp/a", O_RDWR | O_CREAT, 0600);
    open("/tmp", O_RDONLY | O_DIRECTORY);
    pipe(pair);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    socket(AF_INET, SOCK_STREAM, 0);
    socket(AF_INET6, SOCK_DGRAM, 0);
    epoll_ctl(set, EPOLL_CTL_ADD, eventfd(1, 0), &(struct epoll_event){.events = EPOLLIN});
}

int main(int argc, char **argv)
{
    state = argc > 1 ? strtoull(argv[1], NULL, 0) | 1 : 1;
    const long count = argc > 2 ? atol(argv[2]) : 1000;
    char *around = mmap(NULL, BUFFER + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long refused = 0;
    buffer = around + PAGE;
    mprotect(buffer, BUFFER, PROT_READ | PROT_WRITE);
    playground = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int signal = 1; signal < 65; signal++)
        sigaction(signal, &(struct sigaction){.sa_handler = ignore}, NULL);
    open_some();
    for (long i = 0; i < count; i++) {
        const struct call *call = &calls[below(CALLS)];
        long arguments[6];
        if (i % 64 == 0)
            for (size_t at = 0; at < BUFFER; at += 8)
                *(uint64_t *)(buffer + at) = below(2) ? below(16) : next();
        if (i % 4096 == 0)
            open_some();
        choose(arguments);
        keep_alive(call->name, arguments);
        if (argc > 3)
            dprintf(1, "%ld %s %lx %lx %lx %lx %lx %lx\n", i, call->name, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
        tick();
        refused += call->make(arguments) == -1;
    }
    dprintf(1, "%ld calls of %d kinds, %s refused\n", count, CALLS, refused == 0 ? "none" : refused == count ? "all" : "some");
    return 0;
}
