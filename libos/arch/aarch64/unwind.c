/* From a place in the code to its caller: everything links its frames by x29, but for functions that call no other. */
#include "libos.h"

enum { LONGEST_FUNCTION = 16384 };
static const uint32_t call = 0x94000000, call_mask = 0xfc000000;	    /* bl */
static const uint32_t frame_setup = 0xa9007bfd, frame_setup_mask = 0xff407fff; /* stp x29, x30, [sp, #n] and [sp, #n]! */

/* Whether the call before the return address entered the function that pc is in, which has not made a frame. */
static bool called_without_frame(uintptr_t return_address, uintptr_t pc)
{
	if (!libos_executable(return_address) || !libos_executable(return_address - 4))
		return false;
	uint32_t instruction = *(const uint32_t *)(return_address - 4);
	uintptr_t function = return_address - 4 + (uintptr_t)((int64_t)((uint64_t)instruction << 38) >> 36);
	if ((instruction & call_mask) != call || function > pc || pc - function > LONGEST_FUNCTION || !libos_executable(function))
		return false;
	for (; function < pc; function += 4)
		if ((*(const uint32_t *)function & frame_setup_mask) == frame_setup)
			return false;
	return true;
}

bool libos_go_to_caller(struct libos_place *place)
{
	uintptr_t link = place->link, frame = place->frame;
	place->link = 0;
	if (libos_executable(place->pc) ? called_without_frame(link, place->pc) : libos_executable(link)) {
		place->pc = link;
		return true;
	}
	const uintptr_t *pair = (const uintptr_t *)frame;
	if (!frame || frame % 8 || !libos_readable(pair, 2 * sizeof *pair) || !libos_executable(pair[1]))
		return false;
	place->pc = pair[1];
	/* a frame lies above the one it called; from our stacks the way leads to the program's */
	place->frame = pair[0] > frame || libos_in_kernel_stack(frame) ? pair[0] : 0;
	return true;
}
