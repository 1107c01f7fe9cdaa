/* Waiting for one of many descriptors. */
#include "poll.h"
#include "network.h"
#include "descriptors.h"

static long look(struct pollfd *polls, size_t count)
{
	long ready = 0;
	for (size_t i = 0; i < count; i++) {
		struct pollfd *poll = &polls[i];
		struct libos_file *file = libos_file(poll->fd);
		unsigned wanted = (unsigned short)poll->events | POLLERR | POLLHUP;
		poll->revents = (short)(poll->fd < 0 ? 0 : file ? libos_file_ready(file) & wanted : POLLNVAL);
		ready += poll->revents != 0;
	}
	return ready;
}

long libos_poll(struct pollfd *polls, size_t count, uint64_t deadline)
{
	if (libos_network_poll)
		libos_network_poll();
	long ready = look(polls, count);
	if (ready || deadline <= libos_clock_nanoseconds())
		return ready;
	struct libos_file_watch *watches = libos_allocate((count + 1) * sizeof *watches);
	if (!watches)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct libos_file *file = libos_file(polls[i].fd);
		if (file)
			libos_file_watch(&watches[i], file);
	}
	long result;
	do {
		result = libos_sleep_for_files(deadline);
		ready = look(polls, count);
	} while (!ready && !result);
	for (size_t i = 0; i < count; i++)
		if (watches[i].file)
			libos_file_unwatch(&watches[i]);
	libos_free(watches);
	return ready ? ready : result == -ETIMEDOUT ? 0 : result;
}

unsigned libos_console_file_ready(struct libos_file *file);
unsigned libos_console_file_ready(struct libos_file *file)
{
	(void)file;
	return POLLOUT | POLLWRNORM | (libos_console_has_input() ? POLLIN | POLLRDNORM : 0);
}
