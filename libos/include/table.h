/* The table of system calls, which is made for each program. */
#ifndef LIBOS_TABLE_H
#define LIBOS_TABLE_H
#include <stdint.h>
/* Of each number, how far behind its own place the handler is; 0: there is none. */
extern const int32_t libos_syscalls[];
extern const uint32_t libos_syscall_count;
static inline uintptr_t libos_handler_of(unsigned long call)
{
	return (uintptr_t)&libos_syscalls[call] + (uintptr_t)(intptr_t)libos_syscalls[call];
}
#endif
