/* lwIP without TCP: a program's table names what only this one has, where no socket of the program is of streams. */
#define LWIP_TCP 0
#include "lwip.c"

const char libos_datagrams_only __attribute__((externally_visible)) = 0;
