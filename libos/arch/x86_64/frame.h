/* The program's registers, as traps.S pushes them. */
#ifndef LIBOS_FRAME_H
#define LIBOS_FRAME_H
#include <stdint.h>

#define LIBOS_SYSTEM_CALL UINT64_MAX

struct libos_frame {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector, error; /* of an exception or interrupt; of a system call, its number and LIBOS_SYSTEM_CALL */
	uint64_t rip, cs, rflags, rsp, ss;
};

/* What leads from a place in the code to its caller. */
struct libos_place {
	uintptr_t pc, stack, frame;
};

static inline struct libos_place libos_frame_place(const struct libos_frame *frame)
{
	return (struct libos_place){.pc = frame->rip, .stack = frame->rsp, .frame = frame->rbp};
}

/* Whether it was the program that was interrupted. */
static inline bool libos_frame_is_of_program(const struct libos_frame *frame)
{
	return frame->cs & 3;
}

/* A thread begins with a copy of the frame of who made it: clone returns 0 there, on a stack of its own. */
static inline void libos_frame_start(struct libos_frame *frame, uintptr_t stack)
{
	frame->rax = 0;
	if (stack)
		frame->rsp = stack;
}
/* The program can be interrupted from now on: RFLAGS.IF. */
static inline void libos_frame_allow_interrupts(struct libos_frame *frame)
{
	frame->rflags |= 1 << 9;
}
/* Whether a system call ends with EINTR; which; and that the program makes it once more, for which that is the result. */
static inline int libos_frame_interrupted(const struct libos_frame *frame)
{
	return frame->error == LIBOS_SYSTEM_CALL && frame->rax == -4ull;
}
static inline long libos_frame_call(const struct libos_frame *frame)
{
	return (long)frame->vector;
}
static inline long libos_frame_restart(struct libos_frame *frame)
{
	frame->rax = frame->vector;
	frame->rip -= 2; /* syscall */
	return (long)frame->rax;
}
/* Of the calls that only one architecture has, those that a signal ends for good: signal(7). */
#define LIBOS_NEVER_RESTARTED __NR_poll, __NR_select, __NR_epoll_wait, __NR_pause,
static inline uintptr_t libos_frame_stack(const struct libos_frame *frame)
{
	return frame->rsp;
}
/* Where a signal's handler may put its frame: below the red zone. */
static inline uintptr_t libos_frame_signal_stack(const struct libos_frame *frame)
{
	return frame->rsp - 128;
}
static inline long libos_frame_result(const struct libos_frame *frame)
{
	return (long)frame->rax;
}
void libos_print_registers(const struct libos_frame *frame);
#endif
