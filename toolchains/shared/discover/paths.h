/* The ways on which a program comes to a function. */
#ifndef PATHS_H
#define PATHS_H

#include "search.h"

/* One function of a path, and how the one before comes to it. */
struct step {
	const char *function;
	const char *holder; /* the variable or section that holds its address; NULL for a call, and where code has the address itself */
	bool by_address;    /* not by a call that names it */
};

struct path {
	struct step *steps;
	size_t count; /* 0 when nothing leads there */
};

struct paths;

/* Looks at which function of the program calls which, and which data holds the address of which. */
struct paths *paths_open(const struct elf_file *file, const struct machine *machine);

/*
 * The shortest path to one of these functions: from main, or else from the entry, or else from data that holds an address. A path
 * of calls is preferred to one that goes by an address, since not everything that has a function's address calls it.
 */
struct path path_to(struct paths *paths, const struct found *found, size_t count);

#endif
