/* Signals, as other parts see them; null in an image of a program that has none. */
#ifndef LIBOS_SIGNALS_H
#define LIBOS_SIGNALS_H
#include "libos.h"

/* syscalls/signals.c: whether the current thread has one that is not blocked, which ends a wait */
bool libos_signal_is_due(void) __attribute__((weak));
/* kernel/signal_delivery.c: on the way back to the program */
void libos_deliver_signals(struct libos_frame *frame) __attribute__((weak));
#endif
