/* Waiting until files are ready. */
#ifndef LIBOS_READINESS_H
#define LIBOS_READINESS_H
#include "file.h"
#include <linux/time_types.h>

/* Like libos_sleep; and while it sleeps, the console's input and timer descriptors notify those that watch them. */
long libos_sleep_for_files(uint64_t deadline);
/* What is ready now: POLLIN and so on. */
unsigned libos_file_ready(struct libos_file *file);
/* The caller sleeps until the file changes, as libos_wait; -EAGAIN where the file does not block. */
long libos_wait_for_file(struct libos_file *file);
/* The deadline of a relative timeout; null: never. False: it is not a time. */
bool libos_deadline(const struct __kernel_timespec *timeout, uint64_t *deadline);

/* One that sleeps until one of its files changes. */
struct libos_file_watch {
	struct libos_watch watch;
	struct libos_sleeper *sleeper;
	struct libos_file *file;
};
void libos_file_watch(struct libos_file_watch *watch, struct libos_file *file);
void libos_file_unwatch(struct libos_file_watch *watch);

/* syscalls/timerfd.c: when the next timer is due; and tells those that watch the timers that are */
uint64_t libos_timers_next(void) __attribute__((weak));
void libos_timers_notify(void) __attribute__((weak));
#endif
