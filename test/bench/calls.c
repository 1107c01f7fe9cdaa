/* Prints what calls of the system take, in nanoseconds: the best of some rounds, on one CPU. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 10, CALLS = 5000, FUTEX_WAIT_PRIVATE = 128, FUTEX_WAKE_PRIVATE = 129 }; /* futex(2) */
static int nobody, turn;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void get_pid(void)
{
    syscall(SYS_getpid);
}
static void get_time(void)
{
    struct timespec time;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
}
static void wake_nobody(void)
{
    syscall(SYS_futex, &nobody, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
/* The other thread has its turn, and gives it back: two switches. */
static void hand_over(int own, int other)
{
    __atomic_store_n(&turn, other, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) != own)
        syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, other, NULL, NULL, 0);
}
static void switch_threads(void)
{
    hand_over(0, 1);
}
static void *other_thread(void *unused)
{
    while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) != 1)
        syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    for (;;)
        hand_over(1, 0);
    return unused;
}

static void measure(const char *name, void (*call)(void), int each)
{
    double best = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now();
        for (int i = 0; i < CALLS / each; i++)
            call();
        double passed = (now() - start) / (CALLS / each * each);
        best = passed < best ? passed : best;
    }
    printf("%s %.1f ", name, best);
}

int main(void)
{
    cpu_set_t first;
    pthread_t thread;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    sched_setaffinity(0, sizeof first, &first);
    pthread_create(&thread, NULL, other_thread, NULL);
    measure("getpid", get_pid, 1);
    measure("clock_gettime", get_time, 1);
    measure("futex-wake", wake_nobody, 1);
    measure("thread-switch", switch_threads, 2);
    printf("\n");
    fflush(stdout);
    return 0;
}
