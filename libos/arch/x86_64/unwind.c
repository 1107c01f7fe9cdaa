/*
 * From a place in the code to its caller. The program and the library OS link their frames by rbp. libc uses rbp for anything,
 * so there the stack is searched for the address behind a call of the function that the place is in.
 */
#include "libos.h"

enum { CALL = 0xe8, CALL_SIZE = 5, LONGEST_FUNCTION = 16384, LARGEST_FRAME = 4096 };
static const uint32_t frame_setup = 0xe5894855; /* push %rbp; mov %rsp, %rbp */

static bool begins_frame(uintptr_t address)
{
	return libos_executable(address) && *(const uint32_t *)address == frame_setup;
}

/* The function that the call before the return address entered, if pc is in it; else 0. */
static uintptr_t called(uintptr_t return_address, uintptr_t pc)
{
	if (!libos_executable(return_address) || !libos_executable(return_address - CALL_SIZE))
		return 0;
	const char *call = (const char *)return_address - CALL_SIZE;
	uintptr_t function = return_address + (uintptr_t) * (const int32_t *)(call + 1);
	if ((uint8_t)*call != CALL || function > pc || pc - function > LONGEST_FUNCTION || !libos_executable(function))
		return 0;
	for (uintptr_t next = function + 1; next <= pc; next++)
		if (begins_frame(next))
			return 0;
	return function;
}

bool libos_go_to_caller(struct libos_place *place)
{
	const uintptr_t *pair = (const uintptr_t *)place->frame;
	bool ours = libos_in_kernel_stack(place->stack);
	bool linked = place->frame % 8 == 0 && libos_readable(pair, 2 * sizeof *pair) && libos_executable(pair[1]) &&
		      (place->frame >= place->stack || ours);
	bool searched = !libos_executable(place->pc) || !linked || !begins_frame(called(pair[1], place->pc));
	uintptr_t slot = (place->stack + 7) & -8ul, end = linked && !ours ? place->frame + 16 : slot + LARGEST_FRAME;
	for (; searched && slot < end; slot += 8) {
		if (!libos_readable((const void *)slot, 8))
			continue;
		uintptr_t address = *(const uintptr_t *)slot;
		/* a call to where no code is has left its return address on top */
		if (!called(address, place->pc) && (libos_executable(place->pc) || !libos_executable(address)))
			continue;
		place->pc = address;
		place->stack = slot + 8;
		if (slot > place->frame)
			place->frame = slot == place->frame + 8 ? pair[0] : 0;
		return true;
	}
	if (!linked)
		return false;
	*place = (struct libos_place){.pc = pair[1], .stack = place->frame + 16, .frame = pair[0]};
	return true;
}
