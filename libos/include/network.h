/* What the network offers to parts that do not need it: weak, so that a program without sockets has none of it. */
#ifndef LIBOS_NETWORK_H
#define LIBOS_NETWORK_H
#include "libos.h"

/* net/stack.c: the name server, as text, for /etc/resolv.conf; false: none is known */
bool libos_name_server(char *text, size_t size) __attribute__((weak));
/* net/stack.c: takes what came in; called before anyone asks which files are ready, and not by that, which changes nothing */
void libos_network_poll(void) __attribute__((weak));
#endif
