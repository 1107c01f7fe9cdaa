/* The console: a PL011 UART. */
#include "libos.h"

enum { DATA = 0x00, FLAGS = 0x18 };
enum { BUSY = 1 << 3, RECEIVE_EMPTY = 1 << 4, TRANSMIT_FULL = 1 << 5 };

static volatile uint32_t *uart(unsigned offset)
{
	return libos_physical(0x09000000 + offset);
}

void libos_console_put(char byte)
{
	while (*uart(FLAGS) & TRANSMIT_FULL)
		;
	*uart(DATA) = (uint8_t)byte;
}
bool libos_console_ready(void)
{
	return !(*uart(FLAGS) & RECEIVE_EMPTY);
}
char libos_console_get(void)
{
	return (char)*uart(DATA);
}
void libos_console_drain(void)
{
	while (*uart(FLAGS) & BUSY)
		;
}
