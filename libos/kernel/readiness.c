/* Waiting until files are ready. Nobody tells of the console's input: it is looked at, but only while someone watches it. */
#include "readiness.h"
#include "descriptors.h"
#include "handlers.h"
#include <linux/fcntl.h>
#include <linux/poll.h>

static uint64_t earlier(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

long libos_sleep_for_files(uint64_t deadline)
{
	for (;;) {
		uint64_t until = deadline;
		if (libos_timers_next)
			until = earlier(until, libos_timers_next());
		if (libos_console_file.changed.first)
			until = earlier(until, libos_clock_nanoseconds() + LIBOS_CONSOLE_INTERVAL);
		long result = libos_sleep(until);
		if (result != -ETIMEDOUT || until == deadline)
			return result;
		if (libos_timers_notify)
			libos_timers_notify();
		if (libos_console_file.changed.first && libos_file_ready(&libos_console_file) & POLLIN)
			libos_notify(&libos_console_file.changed);
	}
}

unsigned libos_file_ready(struct libos_file *file)
{
	return file->kind->ready ? file->kind->ready(file) : POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

long libos_wait_for_file(struct libos_file *file)
{
	return file->flags & O_NONBLOCK ? -EAGAIN : libos_wait(&file->changed, LIBOS_NEVER);
}

bool libos_deadline(const struct __kernel_timespec *timeout, uint64_t *deadline)
{
	const long second = 1000000000;
	*deadline = LIBOS_NEVER;
	if (!timeout)
		return true;
	if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= second)
		return false;
	if (timeout->tv_sec < INT64_MAX / second / 2)
		*deadline = libos_clock_nanoseconds() + (uint64_t)(timeout->tv_sec * second + timeout->tv_nsec);
	return true;
}

static void wake(struct libos_watch *watch)
{
	libos_wake(((struct libos_file_watch *)watch)->sleeper);
}

void libos_file_watch(struct libos_file_watch *watch, struct libos_file *file)
{
	*watch = (struct libos_file_watch){{.notify = wake}, libos_sleeper(), file};
	libos_file_keep(file);
	libos_watch(&file->changed, &watch->watch);
}

void libos_file_unwatch(struct libos_file_watch *watch)
{
	libos_unwatch(&watch->file->changed, &watch->watch);
	libos_file_release(watch->file);
}
