/* Devices that interrupt. */
#ifndef LIBOS_DEVICE_H
#define LIBOS_DEVICE_H
#include <stdint.h>
/*
 * Takes what devices have, notifies those that wait for it, and says when it wants to be called at the latest
 * (libos_clock_nanoseconds, or LIBOS_NEVER). Called before each pause, and when an interrupt comes while the program runs.
 * net/stack.c; null in a program without sockets.
 */
uint64_t libos_poll_devices(void) __attribute__((weak));
/* A thread waits for something. net/stack.c; null in a program without sockets. */
void libos_before_sleep(void) __attribute__((weak));
#endif
