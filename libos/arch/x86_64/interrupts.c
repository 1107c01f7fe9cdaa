/* Interrupts of devices: they come by the I/O APIC's lines, or as messages, and are taken as the timer's. */
#include "interrupt.h"
#include "gates.h"
#include "libos.h"

enum { IO_APIC = 0xfec00000u, SELECT = 0x00, WINDOW = 0x10, FIRST_ENTRY = 0x10 };
enum { LOCAL_APIC = 0xfee00000u, FIRST_VECTOR = 48 };

extern const char libos_timer_entry[]; /* does for devices, too */

static void write_io_apic(unsigned index, uint32_t value)
{
	*(volatile uint32_t *)libos_physical(IO_APIC + SELECT) = index;
	*(volatile uint32_t *)libos_physical(IO_APIC + WINDOW) = value;
}

/* Lines are taken for edges: the device's is low again when it is acknowledged, before anyone looks at what came. */
void libos_interrupt_enable(unsigned number)
{
	libos_local_apic_start();
	libos_set_gate(FIRST_VECTOR + number, (uintptr_t)libos_timer_entry, 0, LIBOS_GATE);
	if (number >= LIBOS_FIRST_MESSAGE)
		return;
	write_io_apic(FIRST_ENTRY + 2 * number + 1, 0);
	write_io_apic(FIRST_ENTRY + 2 * number, FIRST_VECTOR + number);
}

void libos_interrupt_message(unsigned number, uint64_t *address, uint32_t *data)
{
	*address = LOCAL_APIC;
	*data = FIRST_VECTOR + number;
}
