/* The crash report: what happened, the registers, and the calls that led there. */
#include "thread.h"
#include <asm/signal.h>

enum { DEEPEST = 64 };

static void print_backtrace(struct libos_place place)
{
	unsigned depth = 0;
	do {
		libos_print("  #");
		libos_print_decimal(depth);
		libos_print(" ");
		libos_print_hex(place.pc);
		libos_print("\n");
	} while (++depth < DEEPEST && libos_go_to_caller(&place));
}

/* How much there is, and where to ask for more. */
static void print_out_of_memory(void)
{
	libos_print("\nout of memory: all ");
	libos_print_decimal(libos_pages_total * LIBOS_PAGE_SIZE >> 20);
	libos_print(" MiB are in use; \"memory\" in unikernel.json says how much the machine has");
}

/* A debugger stops here, and reads the parameters by their names. */
__attribute__((noinline)) _Noreturn void libos_report_crash(const struct libos_frame *frame, int signal, const char *reason,
							     const uintptr_t *address, const char *hint)
{
	static bool crashing;
	if (!crashing) { /* a fault in here must not start again */
		crashing = true;
		libos_print(LIBOS_REPORT "unikernel crash: ");
		libos_print(reason);
		if (address)
			libos_print_hex(*address);
		libos_print(hint);
		if (signal == SIGKILL)
			print_out_of_memory();
		libos_print("\n    at ");
		libos_print_hex(libos_frame_place(frame).pc);
		libos_print("\nregisters:\n");
		libos_print_registers(frame);
		libos_print("backtrace:\n");
		print_backtrace(libos_frame_place(frame));
		libos_print("*** end of crash\n");
	}
	libos_finish(LIBOS_CRASHED, 128 + (uint32_t)signal);
}

_Noreturn void libos_crash(const struct libos_frame *frame, int signal, const char *reason)
{
	libos_report_crash(frame, signal, reason, NULL, "");
}

_Noreturn void libos_crash_at(const struct libos_frame *frame, int signal, const char *reason, uintptr_t address)
{
	libos_report_crash(frame, signal, reason, &address, "");
}

/* The compiler has functions call it that find the guard beside their variables changed: __stack_chk_fail. */
_Noreturn void libos_stack_overwritten(void);
_Noreturn void libos_stack_overwritten(void)
{
	libos_crash(libos_caller(), SIGABRT, "a stack of the library OS was overwritten");
}
