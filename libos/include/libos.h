/* What the parts of the library OS offer each other. */
#ifndef LIBOS_H
#define LIBOS_H

#include <asm/errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

enum { LIBOS_PAGE_SIZE = 4096 };

/* Virtual memory: the image where it is linked, the heap behind it, then mmap, the stack, and all RAM once more. */
#define LIBOS_MMAP_START 0x1000000000u
#define LIBOS_STACK_END 0x3fc0000000u
#define LIBOS_DIRECT_MAP 0x4000000000u
/* The last GiB of the direct map's room is for the stacks of threads in the library OS: kernel/stacks.c. */
#define LIBOS_STACKS 0x7fc0000000u
#define LIBOS_MOST_RAM (LIBOS_STACKS - LIBOS_DIRECT_MAP)
#define LIBOS_STACK_SIZE (8u << 20)

/* The start of the image's first segment, which is the ELF header, and the end of its last. */
extern const char __ehdr_start[] __attribute__((aligned(4096)));
extern char _end[];

/* arch/ARCHITECTURE/start.S: what is only read once the program runs, up to the page below the first stack, which is never there. */
extern char libos_constant[], libos_guard[];

/* How a run ended: whoever started the machine reads this from its memory. */
struct libos_exit {
	uint32_t magic;
	uint32_t kind;
	uint32_t status;
};
enum { LIBOS_EXIT_MAGIC = 0x54495845, LIBOS_EXITED = 1, LIBOS_CRASHED = 2 };

/*
 * Begins what the library OS has to say of a run that it ends as crashed. From the separator on (which the program's output hardly has),
 * to the end, the console is its own: src/qemu/console.ts tells one from the other.
 */
#define LIBOS_REPORT "\x1e\n*** "

/* kernel/exit.c */
_Noreturn void libos_finish(uint32_t kind, uint32_t status);

/* kernel/crash.c: ends the program as by a signal; SIGKILL: there is no memory left. `address` may be null. */
_Noreturn void libos_report_crash(const struct libos_frame *frame, int signal, const char *reason, const uintptr_t *address, const char *hint);
_Noreturn void libos_crash(const struct libos_frame *frame, int signal, const char *reason);
_Noreturn void libos_crash_at(const struct libos_frame *frame, int signal, const char *reason, uintptr_t address);

/*
 * kernel/exceptions.c: what those of both architectures have in common; `syndrome` is the program's to read, where there is one.
 * True: a handler of the program's is called for it.
 */
bool libos_exception_handled(struct libos_frame *frame, int signal, int code, uintptr_t address, uint64_t syndrome);
void libos_page_fault(struct libos_frame *frame, uintptr_t address, int access, uint64_t syndrome);

/* kernel/print.c, kernel/terminal.c */
void libos_console_write(const char *text, size_t size);
long libos_console_read(char *buffer, size_t size);
bool libos_console_has_input(void); /* a read would not wait, or not long */
void libos_print(const char *text);
void libos_print_hex(uint64_t value);
void libos_print_decimal(uint64_t value);

/* kernel/strings.c */
/* Eight bytes at any address of RAM, whatever lies there. */
typedef uint64_t libos_unaligned_word __attribute__((aligned(1), may_alias));
void *libos_memcpy(void *to, const void *from, size_t size);
void *libos_memmove(void *to, const void *from, size_t size);
void *libos_memset(void *to, int byte, size_t size);
size_t libos_strlen(const char *text);
int libos_memcmp(const void *a, const void *b, size_t size);
bool libos_equal(const char *a, const char *b);

/* kernel/pages.c: physical pages; 0 means that there is none left */
/* RAM that nothing else uses, page-aligned and in the direct map */
void libos_pages_add(uint64_t start, uint64_t end);
uint64_t libos_page_take(void);
uint64_t libos_pages_take(size_t count); /* in a row */
void libos_page_give(uint64_t page);
extern size_t libos_pages_free, libos_pages_total;
static inline void *libos_physical(uint64_t address)
{
	return (void *)(LIBOS_DIRECT_MAP + address);
}

/* kernel/heap.c: memory of the library OS itself, zeroed and aligned to 16 bytes; null: there is none left */
void *libos_allocate(size_t size);
/* The same with anything in it, for what is filled at once. */
void *libos_allocate_unset(size_t size);
void libos_free(void *memory);

/* kernel/tables.c: maps the image and all RAM; what was constant by name only is so from then on */
void libos_tables_start(uint64_t end_of_ram);

/* kernel/mapping.c: all addresses and sizes are multiples of the page size; prot as mmap's; 0 or a negative errno */
int libos_map(uintptr_t address, size_t size, int prot);
int libos_unmap(uintptr_t address, size_t size);
bool libos_unused(uintptr_t address, size_t size);
uintptr_t libos_find_unused(size_t size); /* 0: there is none */

/* kernel/fault.c: fills the page of an area that allows the access (PROT_READ, PROT_WRITE, PROT_EXEC), or says why not */
enum libos_fault { LIBOS_FILLED, LIBOS_NOT_MAPPED, LIBOS_NO_ACCESS, LIBOS_BEYOND_END_OF_FILE, LIBOS_OUT_OF_MEMORY };
enum libos_fault libos_memory_fault(uintptr_t address, int access);

/* kernel/fault.c: the one way to the program's memory, which is there after it: false means EFAULT */
bool libos_readable(const void *address, size_t size);
bool libos_writable(void *address, size_t size);
bool libos_executable(uintptr_t address);
bool libos_readable_string(const char *text);

/* kernel/arguments.c: lays out argc, argv, envp and the auxiliary vector; returns the stack pointer */
uintptr_t libos_push_arguments(uintptr_t stack_end, const char *command_line);

/* kernel/aslr.c: how many bytes, whole pages, the heap begins behind the image */
uintptr_t libos_heap_gap(void);

/* syscalls/time.c: nanoseconds since 1970 */
uint64_t libos_realtime(void);
/* as clock_gettime(2); false: there is no such clock */
bool libos_clock_read(int clock, uint64_t *nanoseconds);

/* kernel/random.c */
void libos_random(void *buffer, size_t size);
extern uint32_t libos_random_key[8]; /* the machine may set it before the first use */

/* arch/ARCHITECTURE */
enum { LIBOS_MOST_RAM_RANGES = 8 };
struct libos_boot {
	struct {
		uint64_t start, end;
	} ram[LIBOS_MOST_RAM_RANGES];
	unsigned ram_ranges;
	const char *command_line;
	uint64_t archive, archive_size; /* the project's files (cpio), in the last of RAM; 0: none */
};
void libos_machine_start(struct libos_boot *boot);
void libos_boot_ram(struct libos_boot *boot, uint64_t start, uint64_t size); /* kernel/main.c */
_Noreturn void libos_enter(uintptr_t stack, void (*entry)(void));
_Noreturn void libos_power_off(void);
void libos_console_put(char byte);
bool libos_console_ready(void);
char libos_console_get(void); /* only when ready */
void libos_console_drain(void);
void libos_pause(uint64_t nanoseconds); /* may end before: the caller watches what it waits for */
uint64_t libos_clock_ticks(void);
uint64_t libos_clock_nanoseconds(void);
uint64_t libos_clock_seconds_since_1970(void);
bool libos_random_hardware(uint64_t *word);
uint64_t libos_hardware_capabilities(void);
extern const char libos_machine_name[];
bool libos_in_kernel_stack(uintptr_t address);
bool libos_go_to_caller(struct libos_place *place); /* false: there is none */

#endif
