/* Lists of the locks that a thread leaves when it ends, as <linux/futex.h> has them: a C library keeps one of its own for each of its threads. */
#include "case.h"
#include <sched.h>
#include <stddef.h>

static const uint32_t owner_died = 0x40000000, nobody = 0x3ffffff0;

struct entry {
	struct entry *next;
	volatile uint32_t word;
};
struct robust_list {
	struct entry *first;
	long offset;
	struct entry *pending;
};

static struct entry entries[4];

static int end_with_a_list(void *argument)
{
	struct robust_list *list = argument;
	uint32_t id = (uint32_t)syscall(SYS_gettid);
	void *head = NULL;
	size_t size = 0;
	TRY(syscall(SYS_set_robust_list, list, 5));
	TRY(syscall(SYS_set_robust_list, list, sizeof *list));
	TRY(syscall(SYS_get_robust_list, 0, &head, &size));
	CHECK(head == list && size == sizeof *list);
	TRY(syscall(SYS_get_robust_list, id, nowhere, &size));
	TRY(syscall(SYS_get_robust_list, 0, &head, nowhere));
	TRY(syscall(SYS_get_robust_list, nobody, &head, &size));
	entries[0].word = entries[1].word = entries[3].word = id;
	entries[2].word = id ^ 1;
	entries[0].next = (struct entry *)((char *)&entries[1] + 1); /* a lock with priority inheritance */
	entries[1].next = &entries[2];
	entries[2].next = (struct entry *)list;
	*list = (struct robust_list){&entries[0], offsetof(struct entry, word), &entries[3]};
	return 0;
}

CASE(robust_lists)
{
	enum { FLAGS = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID };
	static char stack[65536] __attribute__((aligned(16)));
	static struct robust_list list;
	volatile int lives = 1;
	int thread = clone(end_with_a_list, stack + sizeof stack, FLAGS, &list, NULL, NULL, &lives); /* it prints now */
	while (lives)
		sleep_milliseconds(1);
	CHECK(thread > 0);
	for (int i = 0; i < 4; i++)
		puts(entries[i].word == owner_died ? "left" : "another's");
}
