/* The table of system calls, which is made for each program. */
#ifndef LIBOS_TABLE_H
#define LIBOS_TABLE_H
typedef long libos_handler();
extern libos_handler *const libos_syscalls[];
extern const unsigned long libos_syscall_count;
#endif
