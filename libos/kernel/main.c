/* The order in which the machine comes up. */
#include "libos.h"
#include "thread.h"
#include <asm/mman.h>

extern void _start(void);
extern uint64_t libos_stack_guard; /* start.S; the compiler knows it as __stack_chk_guard */
extern const char libos_arguments[]; /* the first is the program's name */
/* fs/archive.c: an image with files keeps the archive where it is */
void libos_archive_found(const struct libos_boot *boot) __attribute__((weak));

/* Whole pages, and what the direct map has room for. */
void libos_boot_ram(struct libos_boot *boot, uint64_t start, uint64_t size)
{
	uint64_t end = (start + size) & -4096ul;
	start = (start + LIBOS_PAGE_SIZE - 1) & -4096ul;
	if (end > LIBOS_MOST_RAM)
		end = LIBOS_MOST_RAM;
	if (start >= end || boot->ram_ranges == LIBOS_MOST_RAM_RANGES)
		return;
	boot->ram[boot->ram_ranges].start = start;
	boot->ram[boot->ram_ranges++].end = end;
}

/* Leaves out what is kept, if that is in the range. */
static void add_around(uint64_t start, uint64_t end, uint64_t kept, uint64_t kept_end)
{
	if (kept < start || kept >= end)
		return libos_pages_add(start, end);
	libos_pages_add(start, kept);
	if (kept_end < end)
		libos_pages_add(kept_end, end);
}

/* The range of the image first: it has the tables that map the others. */
static void start_memory(const struct libos_boot *boot)
{
	const uint64_t image = (uintptr_t)__ehdr_start, image_end = ((uintptr_t)_end + LIBOS_PAGE_SIZE - 1) & -4096ul;
	uint64_t end_of_ram = 0, archive = 0, archive_end = 0;
	if (libos_archive_found && boot->archive) {
		libos_archive_found(boot);
		archive = boot->archive & -4096ul;
		archive_end = (boot->archive + boot->archive_size + LIBOS_PAGE_SIZE - 1) & -4096ul;
	}
	for (unsigned i = 0; i < boot->ram_ranges; i++) {
		if (boot->ram[i].end > end_of_ram)
			end_of_ram = boot->ram[i].end;
		if (boot->ram[i].start <= image && image_end < boot->ram[i].end)
			add_around(image_end, boot->ram[i].end, archive, archive_end);
	}
	libos_tables_start(end_of_ram);
	for (unsigned i = 0; i < boot->ram_ranges; i++)
		if (boot->ram[i].start > image)
			add_around(boot->ram[i].start, boot->ram[i].end, archive, archive_end);
}

_Noreturn void libos_main(void);
_Noreturn void libos_main(void)
{
	struct libos_boot boot = {.command_line = ""};
	uint64_t guard;
	libos_machine_start(&boot);
	libos_random(&guard, sizeof guard);
	libos_stack_guard = guard & ~0xffull; /* no string goes on over it */
	start_memory(&boot);
	/* the page below the stack stays unmapped */
	if (libos_map(LIBOS_STACK_END - LIBOS_STACK_SIZE, LIBOS_STACK_SIZE, PROT_READ | PROT_WRITE)) {
		libos_print(LIBOS_REPORT "the machine has too little memory for the program\n");
		libos_finish(LIBOS_CRASHED, 137);
	}
	libos_thread_rename(&libos_main_thread, libos_arguments, libos_strlen(libos_arguments));
	libos_enter(libos_push_arguments(LIBOS_STACK_END, boot.command_line), _start);
}
