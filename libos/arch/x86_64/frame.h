/* The program's registers, as traps.S pushes them. */
#ifndef LIBOS_FRAME_H
#define LIBOS_FRAME_H
#include <stdint.h>

struct libos_frame {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

static inline uintptr_t libos_frame_pc(const struct libos_frame *frame)
{
	return frame->rip;
}
static inline uintptr_t libos_frame_pointer(const struct libos_frame *frame)
{
	return frame->rbp;
}
void libos_print_registers(const struct libos_frame *frame);
#endif
