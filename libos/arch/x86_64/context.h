/* The registers of a thread that does not run, in the order of the table for debuggers. */
#ifndef LIBOS_CONTEXT_H
#define LIBOS_CONTEXT_H
#include <stdint.h>
struct libos_context {
	uint64_t rip, rsp, rbp, rbx, r12, r13, r14, r15, fs_base;
	uint64_t gs_base; /* not in the table */
};
#endif
