/* What the network offers to parts that do not need it: weak, so that a program without sockets has none of it. */
#ifndef LIBOS_NETWORK_H
#define LIBOS_NETWORK_H
#include "libos.h"

/* net/stack.c: the name server, as text, for /etc/resolv.conf; false: none is known */
bool libos_name_server(char *text, size_t size) __attribute__((weak));
/*
 * Takes what came in, does what is due, and says when it wants to be called next (libos_clock_nanoseconds, or LIBOS_NEVER):
 * to be called before each pause. The network card's interrupt ends the pause.
 */
uint64_t libos_network_idle(void) __attribute__((weak));
#endif
