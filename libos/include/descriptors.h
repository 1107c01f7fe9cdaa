/* The table of descriptors, for the handlers that change it. */
#ifndef LIBOS_DESCRIPTORS_H
#define LIBOS_DESCRIPTORS_H
#include "file.h"

enum { LIBOS_STANDARD_DESCRIPTORS = 3, LIBOS_MOST_DESCRIPTORS = 65536 };

struct libos_descriptor {
	struct libos_file *file; /* null: free */
	bool close_on_exec;
};
/* kernel/descriptors.c; an index beyond the count is a free descriptor */
extern struct libos_descriptor *libos_descriptors;
extern unsigned libos_descriptor_count;
/* RLIMIT_NOFILE: descriptors are below it */
extern unsigned libos_descriptor_limit;
/* No descriptor below it is free. */
extern unsigned libos_first_free_descriptor;

long libos_descriptor_close(int descriptor);
/* The lowest free descriptor from `lowest` on, with room in the table; or -EMFILE. */
int libos_descriptor_find(unsigned lowest);
/* Room in the table for a descriptor below the limit; false: no memory. */
bool libos_descriptor_room(unsigned descriptor);
/* Puts a file with one more reference in a place that is free and has room. */
void libos_descriptor_set(unsigned descriptor, struct libos_file *file, bool close_on_exec);

/* kernel/console_file.c */
extern struct libos_file libos_console_file;
#endif
