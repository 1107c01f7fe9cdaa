/* The search for the numbers of the system calls that a program can make. */
#ifndef SEARCH_H
#define SEARCH_H

#include "code.h"

struct found {
	int64_t number;
	const struct function *function;
};

struct unresolved {
	const struct function *function;
	uint64_t address;
	const char *reason;
};

struct result {
	size_t site_count;
	struct found *found; /* by number, then by function's address; none twice */
	size_t found_count;
	struct unresolved *unresolved;
	size_t unresolved_count;
};

struct result search(const struct elf_file *file, const struct machine *machine);

/* Of a program without symbols: each section with system calls is unresolved. */
struct result search_sections(const struct elf_file *file, const struct machine *machine);

/* Adds a call that the function may make. */
void add_found(struct result *result, int64_t number, const struct function *function);

/*
 * What the second argument can be of the calls of that number that are made by the C library's syscall(), whose first parameter is the
 * number. The C library's own calls are not among these: it makes them itself.
 */
struct result search_argument_of_syscall(const struct elf_file *file, const struct machine *machine, const struct result *calls, int64_t number);

/* What an argument can be, which is in the register `parameter`, of the calls of that number, which are among those that were found. */
struct result search_argument(const struct elf_file *file, const struct machine *machine, const struct result *calls, int64_t number,
			      location parameter);

#endif
