/*
 * Address space layout randomisation, in images that are linked for it (libos/place): as in Linux with randomize_va_space=2, the stack
 * and the heap begin somewhere else at each boot. Mappings do in every image (kernel/mapping.c), and the image itself at each link.
 */
#include "libos.h"

/* How many there are: stacks at multiples of 16 within 1 MiB, and heaps at pages within 1 GiB, as on Linux for aarch64. */
enum { STACKS = 1 << 16, HEAPS = 1 << 18 };

/* So far behind where images usually are: from there on is memory that nothing uses. */
extern const char libos_image_offset[];

static uint64_t random_below(uint64_t power_of_two)
{
	uint64_t word;
	libos_random(&word, sizeof word);
	return word & (power_of_two - 1);
}

/* --wrap has the linker put the first of these in the place of libos_push_arguments, which the second is. */
uintptr_t libos_push_arguments_anywhere(uintptr_t stack_end, const char *command_line) __asm__("__wrap_libos_push_arguments");
uintptr_t libos_push_arguments_there(uintptr_t stack_end, const char *command_line) __asm__("__real_libos_push_arguments");

uintptr_t libos_push_arguments_anywhere(uintptr_t stack_end, const char *command_line)
{
	const uintptr_t image = (uintptr_t)__ehdr_start;
	libos_pages_add(image - (uintptr_t)libos_image_offset, image);
	return libos_push_arguments_there(stack_end - 16 * random_below(STACKS), command_line);
}

uintptr_t libos_heap_gap(void)
{
	return LIBOS_PAGE_SIZE * random_below(HEAPS);
}
