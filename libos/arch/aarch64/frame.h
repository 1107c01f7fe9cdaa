/* The program's registers, as traps.S stores them. */
#ifndef LIBOS_FRAME_H
#define LIBOS_FRAME_H
#include <stdint.h>

#define LIBOS_NO_SYSTEM_CALL UINT64_MAX

struct libos_frame {
	uint64_t x[31];
	uint64_t sp, pc, pstate;
	uint64_t call, first; /* a system call's number, or LIBOS_NO_SYSTEM_CALL, and its first parameter */
};

/* What leads from a place in the code to its caller. */
struct libos_place {
	uintptr_t pc, link, frame;
};

static inline struct libos_place libos_frame_place(const struct libos_frame *frame)
{
	return (struct libos_place){.pc = frame->pc, .link = frame->x[30], .frame = frame->x[29]};
}

/* Whether it was the program that was interrupted. */
static inline bool libos_frame_is_of_program(const struct libos_frame *frame)
{
	return !(frame->pstate & 1); /* PSTATE.SP: the program has SP_EL0 */
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
/* Whether a system call ends with EINTR; which; and that the program makes it once more, for which that is the result. */
static inline int libos_frame_interrupted(const struct libos_frame *frame)
{
	return frame->call != LIBOS_NO_SYSTEM_CALL && frame->x[0] == -4ull;
}
static inline long libos_frame_call(const struct libos_frame *frame)
{
	return (long)frame->call;
}
static inline long libos_frame_restart(struct libos_frame *frame)
{
	frame->x[0] = frame->first;
	frame->pc -= 4; /* svc */
	return (long)frame->x[0];
}
/* Of the calls that only one architecture has, those that a signal ends for good: signal(7). */
#define LIBOS_NEVER_RESTARTED
static inline uintptr_t libos_frame_stack(const struct libos_frame *frame)
{
	return frame->sp;
}
/* Where a signal's handler may put its frame. */
static inline uintptr_t libos_frame_signal_stack(const struct libos_frame *frame)
{
	return frame->sp;
}
static inline long libos_frame_result(const struct libos_frame *frame)
{
	return (long)frame->x[0];
}
void libos_print_registers(const struct libos_frame *frame);
#endif
