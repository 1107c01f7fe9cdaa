/* What poll and select share. */
#ifndef LIBOS_POLL_H
#define LIBOS_POLL_H
#include "readiness.h"
#include <linux/poll.h>

/* Fills in revents; how many are not zero. Sleeps until there is one or the deadline has passed. `polls` is memory of ours. */
long libos_poll(struct pollfd *polls, size_t count, uint64_t deadline);
#endif
