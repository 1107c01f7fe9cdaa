/* The crash report: what happened, the registers, and the calls that led there. */
#include "libos.h"

enum { DEEPEST = 64 };

/* Frames are linked by (caller's frame, return address) pairs, and each lies above the one it called. */
static void print_backtrace(const struct libos_frame *frame)
{
	uintptr_t pc = libos_frame_pc(frame), pointer = libos_frame_pointer(frame);
	for (unsigned depth = 0; depth < DEEPEST; depth++) {
		libos_print("  #");
		libos_print_decimal(depth);
		libos_print(" ");
		libos_print_hex(pc);
		libos_print("\n");
		if (!pointer || pointer % 8 || !libos_readable((const void *)pointer, 2 * sizeof(uintptr_t)))
			return;
		const uintptr_t *pair = (const uintptr_t *)pointer;
		if (!libos_executable(pair[1]))
			return;
		pc = pair[1];
		/* code without frame pointers leaves anything here; from our stacks the way leads to the program's */
		pointer = pair[0] > pointer || libos_in_kernel_stack(pointer) ? pair[0] : 0;
	}
}

static _Noreturn void report(const struct libos_frame *frame, int signal, const char *reason, const uintptr_t *address)
{
	static bool crashing;
	if (!crashing) { /* a fault in here must not start again */
		crashing = true;
		libos_print("\n*** unikernel crash: ");
		libos_print(reason);
		if (address)
			libos_print_hex(*address);
		libos_print("\n    at ");
		libos_print_hex(libos_frame_pc(frame));
		libos_print("\nregisters:\n");
		libos_print_registers(frame);
		libos_print("backtrace:\n");
		print_backtrace(frame);
		libos_print("*** end of crash\n");
	}
	libos_finish(LIBOS_CRASHED, 128 + (uint32_t)signal);
}

_Noreturn void libos_crash(const struct libos_frame *frame, int signal, const char *reason)
{
	report(frame, signal, reason, NULL);
}

_Noreturn void libos_crash_at(const struct libos_frame *frame, int signal, const char *reason, uintptr_t address)
{
	report(frame, signal, reason, &address);
}
