/* Exceptions are signals: their handlers are called, or they end the program. */
#include "libos.h"
#include <asm/mman.h>
#include <linux/signal.h>

/* ESR_EL1.EC */
enum {
	UNKNOWN = 0x00,
	ILLEGAL_STATE = 0x0e,
	INSTRUCTION_ABORT_BELOW = 0x20,
	INSTRUCTION_ABORT = 0x21,
	UNALIGNED_PC = 0x22,
	DATA_ABORT_BELOW = 0x24,
	DATA_ABORT = 0x25,
	UNALIGNED_STACK = 0x26,
	FLOATING_POINT = 0x2c,
	BREAKPOINT = 0x3c,
};
enum { WRITE = 1 << 6, STATUS = 0x3f, ALIGNMENT_FAULT = 0x21};

static void end(struct libos_frame *frame, int signal, int code, const char *reason, uint64_t syndrome)
{
	if (!libos_exception_handled(frame, signal, code, frame->pc, syndrome))
		libos_crash(frame, signal, reason);
}

void libos_exception(struct libos_frame *frame);
void libos_exception(struct libos_frame *frame)
{
	uint64_t syndrome, address;
	__asm__("mrs %0, esr_el1; mrs %1, far_el1" : "=r"(syndrome), "=r"(address));
	switch (syndrome >> 26) {
	case UNKNOWN:
	case ILLEGAL_STATE:
		return end(frame, SIGILL, ILL_ILLOPC, "undefined instruction", syndrome);
	case INSTRUCTION_ABORT:
	case INSTRUCTION_ABORT_BELOW:
		return libos_page_fault(frame, address, PROT_EXEC, syndrome);
	case DATA_ABORT:
	case DATA_ABORT_BELOW:
		if ((syndrome & STATUS) != ALIGNMENT_FAULT)
			return libos_page_fault(frame, address, syndrome & WRITE ? PROT_WRITE : PROT_READ, syndrome);
		if (!libos_exception_handled(frame, SIGBUS, BUS_ADRALN, address, syndrome))
			libos_crash_at(frame, SIGBUS, "unaligned access: ", address);
		return;
	case UNALIGNED_PC:
	case UNALIGNED_STACK:
		return end(frame, SIGBUS, BUS_ADRALN, "unaligned pc or stack", syndrome);
	case FLOATING_POINT:
		return end(frame, SIGFPE, FPE_FLTINV, "floating-point error", syndrome);
	case BREAKPOINT:
		return end(frame, SIGTRAP, TRAP_BRKPT, "breakpoint", syndrome);
	default:
		libos_crash_at(frame, SIGSEGV, "exception ", syndrome);
	}
}

void libos_unexpected(const struct libos_frame *frame);
void libos_unexpected(const struct libos_frame *frame)
{
	libos_crash(frame, SIGBUS, "unexpected interrupt");
}

static void print_register(unsigned position, const char *name, int number, uint64_t value)
{
	libos_print(position % 4 ? " " : position ? "\n    " : "    ");
	libos_print(name);
	if (number >= 0)
		libos_print_decimal((uint64_t)number);
	libos_print(" ");
	libos_print_hex(value);
}

void libos_print_registers(const struct libos_frame *frame)
{
	for (unsigned i = 0; i < 31; i++)
		print_register(i, "x", (int)i, frame->x[i]);
	print_register(31, "sp", -1, frame->sp);
	print_register(32, "pc", -1, frame->pc);
	print_register(33, "pstate", -1, frame->pstate);
	libos_print("\n");
}
