/* The program's registers, as traps.S pushes them. */
#ifndef LIBOS_FRAME_H
#define LIBOS_FRAME_H
#include <stdint.h>

struct libos_frame {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector, error;
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
void libos_print_registers(const struct libos_frame *frame);
#endif
