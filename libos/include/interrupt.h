/* Interrupts of devices. */
#ifndef LIBOS_INTERRUPT_H
#define LIBOS_INTERRUPT_H
#include <stdint.h>

enum { LIBOS_FIRST_MESSAGE = 24 };

/*
 * The device's interrupt ends libos_pause from now on; who waits for the device looks at it before a pause, and after.
 * x86_64: the I/O APIC's lines, and from LIBOS_FIRST_MESSAGE on messages (MSI). aarch64: as the interrupt controller counts.
 */
void libos_interrupt_enable(unsigned number);
/* What a device writes, and where, to interrupt (MSI). */
void libos_interrupt_message(unsigned number, uint64_t *address, uint32_t *data);
#endif
