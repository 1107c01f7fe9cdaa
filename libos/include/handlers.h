/* What handlers of different subjects share. */
#ifndef LIBOS_HANDLERS_H
#define LIBOS_HANDLERS_H
#include "libos.h"
#include <asm/termios.h>

/* How often the console is looked at for input, in nanoseconds. */
enum { LIBOS_CONSOLE_INTERVAL = 1000000 };

/* kernel/terminal.c: the console's settings, of which ICANON, ECHO and ICRNL count */
extern struct termios libos_terminal;
#endif
