/* eventfd(2): a counter. */
#include "readiness.h"
#include <linux/fcntl.h>
#include <linux/poll.h>

enum { EFD_SEMAPHORE = 1, EFD_CLOEXEC = O_CLOEXEC, EFD_NONBLOCK = O_NONBLOCK };

struct event {
	struct libos_file file;
	uint64_t count;
	bool semaphore;
};

static const uint64_t most = UINT64_MAX - 1;

static long read_event(struct libos_file *file, void *buffer, size_t size, uint64_t *offset)
{
	struct event *event = (struct event *)file;
	(void)offset;
	if (size < sizeof event->count)
		return -EINVAL;
	while (!event->count) {
		long error = libos_wait_for_file(file);
		if (error)
			return error;
	}
	uint64_t taken = event->semaphore ? 1 : event->count;
	if (!libos_writable(buffer, sizeof taken))
		return -EFAULT;
	libos_memcpy(buffer, &taken, sizeof taken);
	event->count -= taken;
	libos_notify(&file->changed);
	return sizeof taken;
}

static long write_event(struct libos_file *file, const void *buffer, size_t size, uint64_t *offset)
{
	struct event *event = (struct event *)file;
	uint64_t added;
	(void)offset;
	if (size < sizeof added)
		return -EINVAL;
	libos_memcpy(&added, buffer, sizeof added);
	if (added > most)
		return -EINVAL;
	while (event->count > most - added) {
		long error = libos_wait_for_file(file);
		if (error)
			return error;
	}
	event->count += added;
	libos_notify(&file->changed);
	return sizeof added;
}

static unsigned event_ready(struct libos_file *file)
{
	uint64_t count = ((struct event *)file)->count;
	return (count ? POLLIN | POLLRDNORM : 0) | (count < most ? POLLOUT | POLLWRNORM : 0);
}

static void close_event(struct libos_file *file)
{
	libos_free(file);
}

static const struct libos_file_kind kind = {
	.read = read_event, .write = write_event, .ready = event_ready, .close = close_event};

long libos_sys_eventfd2(unsigned count, unsigned flags)
{
	if (flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK))
		return -EINVAL;
	struct event *event = libos_allocate(sizeof *event);
	if (!event)
		return -ENOMEM;
	event->file = (struct libos_file){.kind = &kind, .references = 1, .flags = O_RDWR | (flags & EFD_NONBLOCK)};
	event->count = count;
	event->semaphore = flags & EFD_SEMAPHORE;
	return libos_descriptor_add(&event->file, flags & EFD_CLOEXEC);
}

long libos_sys_eventfd(unsigned count)
{
	return libos_sys_eventfd2(count, 0);
}
