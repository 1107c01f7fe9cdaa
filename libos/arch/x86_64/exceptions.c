/* Exceptions are signals: their handlers are called, or they end the program. */
#include "libos.h"
#include <asm/mman.h>
#include <linux/signal.h>

enum { DIVIDE = 0, DEBUG = 1, BREAKPOINT = 3, INVALID_OPCODE = 6, DOUBLE_FAULT = 8, PROTECTION = 13, PAGE_FAULT = 14, X87 = 16, ALIGNMENT = 17, SIMD = 19 };
enum { ERROR_WRITE = 2, ERROR_FETCH = 16 };

static void page_fault(struct libos_frame *frame)
{
	uintptr_t address;
	__asm__("mov %%cr2, %0" : "=r"(address));
	int access = frame->error & ERROR_FETCH ? PROT_EXEC : frame->error & ERROR_WRITE ? PROT_WRITE : PROT_READ;
	libos_page_fault(frame, address, access, 0);
}

/* Intel SDM 3A, 6.15; the signals and codes are those of Linux. */
void libos_exception(struct libos_frame *frame);
void libos_exception(struct libos_frame *frame)
{
	static const struct {
		uint8_t vector, signal, code;
		const char *reason;
	} kinds[] = {
		{DIVIDE, SIGFPE, FPE_INTDIV, "division error"},
		{X87, SIGFPE, FPE_FLTINV, "floating-point error"},
		{SIMD, SIGFPE, FPE_FLTINV, "floating-point error"},
		{DEBUG, SIGTRAP, TRAP_TRACE, "debug exception"},
		{BREAKPOINT, SIGTRAP, (uint8_t)SI_KERNEL, "breakpoint"},
		{INVALID_OPCODE, SIGILL, ILL_ILLOPN, "undefined instruction"},
		{DOUBLE_FAULT, SIGSEGV, (uint8_t)SI_KERNEL, "stack overflow in the library OS"},
		{ALIGNMENT, SIGBUS, BUS_ADRALN, "unaligned access"},
		{PROTECTION, SIGSEGV, (uint8_t)SI_KERNEL, "general protection fault"},
	};
	if (frame->vector == PAGE_FAULT)
		return page_fault(frame);
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (kinds[i].vector != frame->vector)
			continue;
		bool by_kernel = kinds[i].code == SI_KERNEL;
		if (libos_exception_handled(frame, kinds[i].signal, kinds[i].code, by_kernel ? 0 : frame->rip, 0))
			return;
		libos_crash(frame, kinds[i].signal, kinds[i].reason);
	}
	libos_crash_at(frame, SIGSEGV, "exception ", frame->vector);
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
