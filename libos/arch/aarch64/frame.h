/* The program's registers, as traps.S stores them. */
#ifndef LIBOS_FRAME_H
#define LIBOS_FRAME_H
#include <stdint.h>

struct libos_frame {
	uint64_t x[31];
	uint64_t sp, pc, pstate;
};

static inline uintptr_t libos_frame_pc(const struct libos_frame *frame)
{
	return frame->pc;
}
static inline uintptr_t libos_frame_pointer(const struct libos_frame *frame)
{
	return frame->x[29];
}
void libos_print_registers(const struct libos_frame *frame);
#endif
