/* The threads that clone makes, their end, and the table in which a debugger finds them. */
#include "thread.h"
#include "signals.h"
#include <linux/futex.h>
#include <linux/sched.h>

enum { FIRST_ROOM = 16, MOST_ROBUST = 2048 };

/* What a debugger reads, version 1. A place in the table is null where its thread has ended. */
struct {
	uint32_t version, count;
	struct libos_sleeper **threads;
} debug_threads;

static uint32_t room, living = 1, last_id = 1;
/* It could not give back the stack that it ended on. */
static struct libos_sleeper *dead;

static void bury(void)
{
	if (!dead || dead == libos_current)
		return;
	libos_vectors_free(dead->vectors);
	libos_stack_give(dead->stack_top);
	libos_free(dead);
	dead = NULL;
}

static bool make_room(void)
{
	if (living < room)
		return true;
	uint32_t larger = room ? 2 * room : FIRST_ROOM;
	struct libos_sleeper **threads = libos_allocate(larger * sizeof *threads), **old = debug_threads.threads;
	if (!threads)
		return false;
	if (room)
		libos_memcpy(threads, old, room * sizeof *threads);
	else
		threads[0] = &libos_main_thread;
	debug_threads.threads = threads;
	debug_threads.count = room = larger;
	debug_threads.version = 1;
	libos_free(old);
	return true;
}

/* Where no thread is: it has a stack of its own. */
static uint32_t free_place(void)
{
	uint32_t place = 0;
	while (debug_threads.threads[place])
		place++;
	return place;
}

struct libos_sleeper *libos_thread_of(int id)
{
	if (id == (int)libos_current->id)
		return libos_current;
	for (uint32_t i = 0; i < room; i++)
		if (debug_threads.threads[i] && debug_threads.threads[i]->id == (uint32_t)id)
			return debug_threads.threads[i];
	return NULL;
}

struct libos_sleeper *libos_thread_accepting(uint64_t signal)
{
	for (uint32_t i = 0; i < room; i++) {
		struct libos_sleeper *thread = debug_threads.threads[i];
		if (thread && !(thread->blocked & ~thread->awaited & signal))
			return thread;
	}
	return NULL;
}

static struct libos_sleeper *make_thread(uint32_t place)
{
	struct libos_sleeper *thread = libos_allocate(sizeof *thread);
	void *vectors = libos_vectors_allocate();
	uintptr_t stack_top = thread && vectors ? libos_stack_make(place) : 0;
	if (!stack_top) {
		libos_vectors_free(vectors);
		libos_free(thread);
		return NULL;
	}
	thread->id = ++last_id;
	thread->deadline = LIBOS_NEVER;
	thread->vectors = vectors;
	thread->stack_top = stack_top;
	return thread;
}

/* Threads of this process, clone(2); a process of its own cannot be. */
long libos_clone(uint64_t flags, uintptr_t stack, int *parent_id, int *child_id, uintptr_t thread_pointer)
{
	const uint64_t wanted = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
	struct libos_sleeper *self = libos_current;
	if ((flags & wanted) != wanted)
		return -ENOSYS;
	if ((flags & CLONE_PARENT_SETTID && !libos_writable(parent_id, sizeof *parent_id)) ||
	    (flags & CLONE_CHILD_SETTID && !libos_writable(child_id, sizeof *child_id)))
		return -EFAULT;
	bury();
	if (!self->vectors && !(self->vectors = libos_vectors_allocate()))
		return -EAGAIN;
	if (living == LIBOS_MOST_THREADS || !make_room())
		return -EAGAIN;
	uint32_t place = free_place();
	struct libos_sleeper *thread = make_thread(place);
	if (!thread)
		return -EAGAIN;
	libos_memcpy(thread->name, self->name, sizeof thread->name);
	thread->blocked = self->blocked;
	thread->clear_at_end = flags & CLONE_CHILD_CLEARTID ? (uint32_t *)child_id : NULL;
	struct libos_frame *frame = (struct libos_frame *)thread->stack_top - 1;
	*frame = *libos_caller();
	libos_frame_start(frame, stack);
	libos_frame_allow_interrupts(libos_caller());
	libos_frame_allow_interrupts(frame);
	libos_start_context(thread, frame, flags & CLONE_SETTLS ? thread_pointer : 0);
	libos_vectors_copy(thread->vectors);
	if (flags & CLONE_PARENT_SETTID)
		*parent_id = (int)thread->id;
	if (flags & CLONE_CHILD_SETTID)
		*child_id = (int)thread->id;
	debug_threads.threads[place] = thread;
	living++;
	libos_make_ready(thread);
	return (long)thread->id;
}

/*
 * A lock that the thread owns is left to who waits for it. An entry of the list is odd where the lock is one with priority inheritance
 * (syscalls/futex_pi.c). One that was being unlocked may be nobody's already, its waiter not yet woken.
 */
static void leave_robust_lock(uintptr_t entry, long offset, uint32_t id, bool pending)
{
	uint32_t *word = (uint32_t *)((entry & ~1ul) + (uintptr_t)offset);
	if (!entry || (uintptr_t)word % sizeof *word || !libos_writable(word, sizeof *word))
		return;
	uint32_t owner = *word & FUTEX_TID_MASK;
	if (owner == id)
		*word = (*word & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
	else if (owner || !pending)
		return;
	if (libos_futex_wake && !(entry & 1))
		libos_futex_wake(word, 1);
}

/* get_robust_list(2), Documentation/locking/robust-futex-ABI.rst */
static void leave_robust_locks(struct robust_list_head *head, uint32_t id)
{
	if (!head || !libos_readable(head, sizeof *head))
		return;
	struct robust_list *lock = head->list.next, *pending = head->list_op_pending;
	for (int i = 0; i < MOST_ROBUST && lock != &head->list; i++) {
		struct robust_list *at = (struct robust_list *)((uintptr_t)lock & ~1ul), *left = lock;
		if (!libos_readable(at, sizeof *at))
			return;
		lock = at->next;
		if (left != pending)
			leave_robust_lock((uintptr_t)left, head->futex_offset, id, false);
	}
	leave_robust_lock((uintptr_t)pending, head->futex_offset, id, true);
}

bool libos_thread_end(void)
{
	struct libos_sleeper *self = libos_current;
	if (living == 1)
		return false;
	leave_robust_locks(self->robust_list, self->id);
	if (libos_futex_pi_leave)
		libos_futex_pi_leave();
	if (self->clear_at_end && libos_writable(self->clear_at_end, sizeof *self->clear_at_end)) {
		*self->clear_at_end = 0;
		if (libos_futex_wake)
			libos_futex_wake(self->clear_at_end, 1);
	}
	for (uint32_t i = 0; i < room; i++)
		if (debug_threads.threads[i] == self)
			debug_threads.threads[i] = NULL;
	living--;
	bury();
	if (self != &libos_main_thread)
		dead = self;
	libos_block(LIBOS_NEVER);
	__builtin_unreachable();
}
