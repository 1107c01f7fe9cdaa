/* The signal mask that a call has while it waits: ppoll, pselect6, epoll_pwait. */
#ifndef LIBOS_SIGNAL_MASK_H
#define LIBOS_SIGNAL_MASK_H
#include "libos.h"

/*
 * For a program that has signals: another mask for the caller until it returns to the program, after which the old one
 * is back; a signal that it lets through ends the wait with -EINTR.
 */
void libos_signal_mask_for_wait(uint64_t mask) __attribute__((weak));

/* `mask` and its size as the program gave them; null: no change. */
static inline long libos_wait_with_mask(const uint64_t *mask, size_t size)
{
	if (!mask)
		return 0;
	if (size != sizeof *mask)
		return -EINVAL;
	if (!libos_readable(mask, sizeof *mask))
		return -EFAULT;
	if (libos_signal_mask_for_wait)
		libos_signal_mask_for_wait(*mask);
	return 0;
}
#endif
