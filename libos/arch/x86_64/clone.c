/* clone(2), whose parameters have an order of their own on each architecture. */
#include "thread.h"

long libos_sys_clone(uint64_t flags, uintptr_t stack, int *parent_id, int *child_id, uintptr_t thread_pointer)
{
	return libos_clone(flags, stack, parent_id, child_id, thread_pointer);
}
