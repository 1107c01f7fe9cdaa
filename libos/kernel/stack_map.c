/* Stacks of the library OS's own: all there from the start, since a fault needs a stack. */
#include "libos.h"
#include <asm/mman.h>

void *libos_stack_map(size_t size)
{
	uintptr_t guard = libos_find_unused(size + LIBOS_PAGE_SIZE), stack = guard + LIBOS_PAGE_SIZE;
	if (!guard || libos_map(guard, LIBOS_PAGE_SIZE, PROT_NONE))
		return NULL;
	if (!libos_map(stack, size, PROT_READ | PROT_WRITE) && libos_writable((void *)stack, size))
		return (void *)stack;
	libos_stack_unmap((void *)stack, size);
	return NULL;
}

void libos_stack_unmap(void *stack, size_t size)
{
	libos_unmap((uintptr_t)stack - LIBOS_PAGE_SIZE, size + LIBOS_PAGE_SIZE);
}
