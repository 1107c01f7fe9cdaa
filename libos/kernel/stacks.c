/* The stacks of the library OS for threads: each above as much that is never there, by the thread's place in the table of threads. */
#include "areas.h"
#include "mmu.h"
#include "thread.h"

enum { SPAN = 2 * LIBOS_KERNEL_STACK };
_Static_assert((uint64_t)LIBOS_MOST_THREADS * SPAN <= 1 << 30, "the last entry of the root has room for all");

uintptr_t libos_stack_make(uint32_t place)
{
	const uintptr_t top = LIBOS_STACKS + (place + 1ull) * SPAN;
	for (uintptr_t page = top - LIBOS_KERNEL_STACK; page < top; page += LIBOS_PAGE_SIZE) {
		uint64_t *entry = libos_table_entry(page, true), taken = entry ? libos_page_take() : 0;
		if (!taken) {
			libos_stack_give(top);
			return 0;
		}
		*entry = libos_entry(taken, PROT_READ | PROT_WRITE);
	}
	libos_entries_changed(0);
	return top;
}

void libos_stack_give(uintptr_t top)
{
	libos_table_clear(top - LIBOS_KERNEL_STACK, top);
}
