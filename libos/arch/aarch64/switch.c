/* Changing threads: the FP and SIMD registers, the thread pointer, and the kernel's stack. */
#include "thread.h"

enum { VECTORS_SIZE = 32 * 16 + 16 };

extern char libos_return[];
void libos_switch_registers(struct libos_context *from, const struct libos_context *to);
void libos_vectors_save(void *vectors);
void libos_vectors_restore(const void *vectors);

void *libos_vectors_allocate(void)
{
	return libos_allocate(VECTORS_SIZE);
}

void libos_vectors_free(void *vectors)
{
	libos_free(vectors);
}

void libos_vectors_copy(void *to)
{
	libos_vectors_save(to);
}

void libos_vectors_load(const void *from)
{
	libos_vectors_restore(from);
}

size_t libos_vectors_size(void)
{
	return VECTORS_SIZE;
}

static uint64_t thread_pointer(void)
{
	uint64_t pointer;
	__asm__ volatile("mrs %0, tpidr_el0" : "=r"(pointer));
	return pointer;
}

void libos_start_context(struct libos_sleeper *thread, struct libos_frame *frame, uintptr_t pointer)
{
	thread->context = (struct libos_context){
		.pc = (uintptr_t)libos_return,
		.sp = (uintptr_t)frame,
		.tpidr_el0 = pointer ? pointer : thread_pointer(),
	};
}

void libos_switch(struct libos_sleeper *from, struct libos_sleeper *to)
{
	from->context.tpidr_el0 = thread_pointer();
	libos_vectors_save(from->vectors);
	libos_vectors_restore(to->vectors);
	__asm__ volatile("msr tpidr_el0, %0" ::"r"(to->context.tpidr_el0));
	libos_switch_registers(&from->context, &to->context);
}
