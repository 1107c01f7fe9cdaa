/* The registers of a thread that does not run, in the order of the table for debuggers. */
#ifndef LIBOS_CONTEXT_H
#define LIBOS_CONTEXT_H
#include <stdint.h>
struct libos_context {
	uint64_t pc, sp, x29, x30, x19_to_x28[10], tpidr_el0;
};
#endif
