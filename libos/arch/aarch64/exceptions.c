/* Exceptions end the program with the signal that Linux would send. */
#include "libos.h"
#include <asm/mman.h>
#include <asm/signal.h>

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
enum { WRITE = 1 << 6, STATUS = 0x3f, ALIGNMENT_FAULT = 0x21 };

void libos_exception(const struct libos_frame *frame);
void libos_exception(const struct libos_frame *frame)
{
	uint64_t syndrome, address;
	__asm__("mrs %0, esr_el1; mrs %1, far_el1" : "=r"(syndrome), "=r"(address));
	switch (syndrome >> 26) {
	case UNKNOWN:
	case ILLEGAL_STATE:
		libos_crash(frame, SIGILL, "undefined instruction");
	case INSTRUCTION_ABORT:
	case INSTRUCTION_ABORT_BELOW:
		if (libos_memory_fault(address, PROT_EXEC))
			return;
		libos_crash_at(frame, SIGSEGV, "page fault: execution of ", address);
	case DATA_ABORT:
	case DATA_ABORT_BELOW:
		if ((syndrome & STATUS) == ALIGNMENT_FAULT)
			libos_crash_at(frame, SIGBUS, "unaligned access: ", address);
		if (libos_memory_fault(address, syndrome & WRITE ? PROT_WRITE : PROT_READ))
			return;
		libos_crash_at(frame, SIGSEGV, syndrome & WRITE ? "page fault: write of " : "page fault: read of ", address);
	case UNALIGNED_PC:
	case UNALIGNED_STACK:
		libos_crash(frame, SIGBUS, "unaligned pc or stack");
	case FLOATING_POINT:
		libos_crash(frame, SIGFPE, "floating-point error");
	case BREAKPOINT:
		libos_crash(frame, SIGTRAP, "breakpoint");
	default:
		libos_crash_at(frame, SIGSEGV, "exception ", syndrome);
	}
}

void libos_interrupt(const struct libos_frame *frame);
void libos_interrupt(const struct libos_frame *frame)
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
