/* The program's registers, as traps.S stores them. */
#ifndef LIBOS_FRAME_H
#define LIBOS_FRAME_H
#include <stdint.h>

struct libos_frame {
	uint64_t x[31];
	uint64_t sp, pc, pstate;
};

/* What leads from a place in the code to its caller. */
struct libos_place {
	uintptr_t pc, link, frame;
};

static inline struct libos_place libos_frame_place(const struct libos_frame *frame)
{
	return (struct libos_place){.pc = frame->pc, .link = frame->x[30], .frame = frame->x[29]};
}
/* A thread begins with a copy of the frame of who made it: clone returns 0 there, on a stack of its own. */
static inline void libos_frame_start(struct libos_frame *frame, uintptr_t stack)
{
	frame->x[0] = 0;
	if (stack)
		frame->sp = stack;
}
/* The program can be interrupted from now on: PSTATE.I. */
static inline void libos_frame_allow_interrupts(struct libos_frame *frame)
{
	frame->pstate &= ~(uint64_t)(1 << 7);
}
void libos_print_registers(const struct libos_frame *frame);
#endif
