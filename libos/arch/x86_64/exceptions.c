/* Exceptions end the program with the signal that Linux would send. */
#include "libos.h"
#include <asm/mman.h>
#include <asm/signal.h>

enum { DIVIDE = 0, BREAKPOINT = 3, INVALID_OPCODE = 6, DEVICE = 7, PROTECTION = 13, PAGE_FAULT = 14, X87 = 16, ALIGNMENT = 17, SIMD = 19 };
enum { ERROR_WRITE = 2, ERROR_FETCH = 16 };

void libos_exception(const struct libos_frame *frame);
void libos_exception(const struct libos_frame *frame)
{
	uint64_t address;
	switch (frame->vector) {
	case DIVIDE:
		libos_crash(frame, SIGFPE, "division error");
	case X87:
	case SIMD:
		libos_crash(frame, SIGFPE, "floating-point error");
	case BREAKPOINT:
		libos_crash(frame, SIGTRAP, "breakpoint");
	case INVALID_OPCODE:
		libos_crash(frame, SIGILL, "undefined instruction");
	case ALIGNMENT:
		libos_crash(frame, SIGBUS, "unaligned access");
	case PAGE_FAULT:
		__asm__ volatile("mov %%cr2, %0" : "=r"(address));
		if (libos_memory_fault(address, frame->error & ERROR_FETCH   ? PROT_EXEC
						: frame->error & ERROR_WRITE ? PROT_WRITE
									     : PROT_READ))
			return;
		libos_crash_at(frame, SIGSEGV,
			       frame->error & ERROR_FETCH   ? "page fault: execution of "
			       : frame->error & ERROR_WRITE ? "page fault: write of "
							    : "page fault: read of ",
			       address);
	case PROTECTION:
		libos_crash(frame, SIGSEGV, "general protection fault");
	default:
		libos_crash_at(frame, SIGSEGV, "exception ", frame->vector);
	}
}

void libos_print_registers(const struct libos_frame *frame)
{
	const struct {
		const char *name;
		uint64_t value;
	} registers[] = {
		{"rax", frame->rax}, {"rbx", frame->rbx}, {"rcx", frame->rcx}, {"rdx", frame->rdx},
		{"rsi", frame->rsi}, {"rdi", frame->rdi}, {"rbp", frame->rbp}, {"rsp", frame->rsp},
		{"r8", frame->r8},   {"r9", frame->r9},   {"r10", frame->r10}, {"r11", frame->r11},
		{"r12", frame->r12}, {"r13", frame->r13}, {"r14", frame->r14}, {"r15", frame->r15},
		{"rip", frame->rip}, {"rflags", frame->rflags},
	};
	for (unsigned i = 0; i < sizeof registers / sizeof *registers; i++) {
		libos_print(i % 4 ? " " : i ? "\n    " : "    ");
		libos_print(registers[i].name);
		libos_print(" ");
		libos_print_hex(registers[i].value);
	}
	libos_print("\n");
}
