/* What the network offers to parts that do not need it: weak, so that a program without sockets has none of it. */
#ifndef LIBOS_NETWORK_H
#define LIBOS_NETWORK_H
#include "libos.h"

/* net/resolver.c: adds /etc/resolv.conf, in a program that has files and a network */
void libos_resolver_file_add(void) __attribute__((weak));
/* net/stack.c: takes what came in; called before anyone asks which files are ready, and not by that, which changes nothing */
void libos_network_poll(void) __attribute__((weak));
#endif
