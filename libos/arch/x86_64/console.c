/* The console: a 16550 UART at COM1. */
#include "libos.h"
#include "ports.h"

enum { DATA = 0x3f8, LINE_STATUS = 0x3fd };
enum { RECEIVED = 0x01, ROOM = 0x20, EMPTY = 0x40 };

void libos_console_put(char byte)
{
	while (!(libos_in(LINE_STATUS) & ROOM))
		;
	libos_out(DATA, (uint8_t)byte);
}
bool libos_console_ready(void)
{
	return libos_in(LINE_STATUS) & RECEIVED;
}
char libos_console_get(void)
{
	return (char)libos_in(DATA);
}
void libos_console_drain(void)
{
	while (!(libos_in(LINE_STATUS) & EMPTY))
		;
}
