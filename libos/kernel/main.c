/* The order in which the machine comes up. */
#include "libos.h"
#include <asm/mman.h>

extern void _start(void);
/* fs/archive.c: where RAM that is free ends before the archive */
uint64_t libos_archive_found(const struct libos_boot *boot) __attribute__((weak));

_Noreturn void libos_main(void);
_Noreturn void libos_main(void)
{
	struct libos_boot boot = {0, "", 0, 0};
	libos_machine_start(&boot);
	if (libos_archive_found)
		boot.ram_end = libos_archive_found(&boot);
	libos_pages_start(((uintptr_t)_end + LIBOS_PAGE_SIZE - 1) & -4096ul, boot.ram_end & -4096ul);
	libos_mapping_start();
	/* the page below the stack stays unmapped */
	if (libos_map(LIBOS_STACK_END - LIBOS_STACK_SIZE, LIBOS_STACK_SIZE, PROT_READ | PROT_WRITE)) {
		libos_print("*** the machine has too little memory for the program\n");
		libos_finish(LIBOS_CRASHED, 137);
	}
	libos_enter(libos_push_arguments(LIBOS_STACK_END, boot.command_line), _start);
}
