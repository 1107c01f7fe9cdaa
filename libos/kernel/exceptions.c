/* Exceptions as far as they are the same on both architectures: their signals, and page faults. */
#include "thread.h"
#include <asm/mman.h>
#include <linux/signal.h>

bool libos_exception_handled(struct libos_frame *frame, int signal, int code, uintptr_t address, uint64_t syndrome)
{
	return libos_frame_is_of_program(frame) && libos_signal_fault && libos_signal_fault(frame, signal, code, address, syndrome);
}

/* Whether the address is just below the stack: functions with more local variables than that are rare. */
static bool is_below_stack(uintptr_t address)
{
	const uintptr_t stack = LIBOS_STACK_END - LIBOS_STACK_SIZE;
	return address < stack && address >= stack - 16ul * LIBOS_PAGE_SIZE;
}

void libos_page_fault(struct libos_frame *frame, uintptr_t address, int access, uint64_t syndrome)
{
	int signal = SIGSEGV, code = SEGV_MAPERR;
	const char *hint = is_below_stack(address) ? " (stack overflow)" : "";
	switch (libos_memory_fault(address, access)) {
	case LIBOS_FILLED:
		return;
	case LIBOS_NOT_MAPPED:
		break;
	case LIBOS_NO_ACCESS:
		code = SEGV_ACCERR;
		break;
	case LIBOS_BEYOND_END_OF_FILE:
		signal = SIGBUS;
		code = BUS_ADRERR;
		hint = " (beyond the end of the mapped file)";
		break;
	case LIBOS_OUT_OF_MEMORY:
		signal = SIGKILL;
		break;
	}
	if (signal != SIGKILL && libos_exception_handled(frame, signal, code, address, syndrome))
		return;
	libos_report_crash(frame, signal,
			   access == PROT_EXEC    ? "page fault: execution of "
			   : access == PROT_WRITE ? "page fault: write of "
						  : "page fault: read of ",
			   &address, hint);
}
