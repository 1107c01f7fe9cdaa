/* The interrupt descriptor table. */
#ifndef LIBOS_GATES_H
#define LIBOS_GATES_H
#include <stdint.h>
enum { LIBOS_VECTORS = 80, LIBOS_GATE = 0x8e, LIBOS_GATE_OF_PROGRAM = 0xee };
/* The stack is that of the task segment, from 1, or 0: the one in use. */
void libos_set_gate(unsigned vector, uintptr_t entry, unsigned stack, unsigned type);
/* pause.c: the local APIC takes interrupts; the old controllers, none */
void libos_local_apic_start(void);
#endif
