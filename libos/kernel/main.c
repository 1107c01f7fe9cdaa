/* The order in which the machine comes up. */
#include "libos.h"
#include <asm/mman.h>

extern void _start(void);

_Noreturn void libos_main(void);
_Noreturn void libos_main(void)
{
	struct libos_boot boot = {0, ""};
	libos_machine_start(&boot);
	libos_pages_start(((uintptr_t)_end + LIBOS_PAGE_SIZE - 1) & -4096ul, boot.ram_end & -4096ul);
	libos_mapping_start();
	/* the page below the stack stays unmapped */
	if (libos_map(LIBOS_STACK_END - LIBOS_STACK_SIZE, LIBOS_STACK_SIZE, PROT_READ | PROT_WRITE)) {
		libos_print("*** the machine has too little memory for the program\n");
		libos_finish(LIBOS_CRASHED, 137);
	}
	libos_enter(libos_push_arguments(LIBOS_STACK_END, boot.command_line), _start);
}
