/* The main thread, with which every program begins. */
#include "thread.h"

extern char libos_kernel_stack_top[];

struct libos_sleeper libos_main_thread = {
	.id = 1,
	.state = LIBOS_RUNNING,
	.stack_top = (uintptr_t)libos_kernel_stack_top,
	.deadline = LIBOS_NEVER,
};
struct libos_sleeper *libos_current = &libos_main_thread;

void libos_thread_rename(struct libos_sleeper *thread, const char *name, size_t length)
{
	libos_memset(thread->name, 0, sizeof thread->name);
	libos_memcpy(thread->name, name, length < LIBOS_THREAD_NAME ? length : LIBOS_THREAD_NAME);
}
