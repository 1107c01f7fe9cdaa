/* epoll(7). What an item's file may have to say is in a list of those that changed, so that the others cost nothing. */
#include "network.h"
#include "readiness.h"
#include "signal_mask.h"
#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

struct epoll;
/* It watches its file's queue, and is found there again. */
struct item {
	struct libos_watch watch;
	struct epoll *epoll;
	struct libos_file *file;
	struct item *next, *previous; /* of the set */
	struct item *next_changed, *previous_changed;
	struct epoll_event event;
	int descriptor;
	bool changed;
};
struct epoll {
	struct libos_file file;
	struct item *items, *first_changed, *last_changed;
};

static const unsigned always = EPOLLERR | EPOLLHUP;
static const unsigned modes = EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE;
static const struct libos_file_kind kind;

static void add_changed(struct item *item)
{
	struct epoll *epoll = item->epoll;
	if (item->changed)
		return;
	item->changed = true;
	item->next_changed = NULL;
	item->previous_changed = epoll->last_changed;
	if (epoll->last_changed)
		epoll->last_changed->next_changed = item;
	else
		epoll->first_changed = item;
	epoll->last_changed = item;
}

static void remove_changed(struct item *item)
{
	struct epoll *epoll = item->epoll;
	if (!item->changed)
		return;
	item->changed = false;
	if (item->previous_changed)
		item->previous_changed->next_changed = item->next_changed;
	else
		epoll->first_changed = item->next_changed;
	if (item->next_changed)
		item->next_changed->previous_changed = item->previous_changed;
	else
		epoll->last_changed = item->previous_changed;
}

static unsigned ready_now(const struct item *item)
{
	unsigned wanted = item->event.events & ~modes; /* none: one-shot, and it was */
	return wanted ? libos_file_ready(item->file) & wanted : 0;
}

static void remove(struct item *item)
{
	libos_unwatch(&item->file->changed, &item->watch);
	remove_changed(item);
	if (item->previous)
		item->previous->next = item->next;
	else
		item->epoll->items = item->next;
	if (item->next)
		item->next->previous = item->previous;
	libos_free(item);
}

static void file_changed(struct libos_watch *watch)
{
	struct item *item = (struct item *)watch;
	if (!item->file->references) {
		remove(item);
		return;
	}
	if (!(item->event.events & ~modes))
		return; /* one-shot, and it was */
	add_changed(item);
	libos_notify(&item->epoll->file.changed);
}

static struct item *find(struct epoll *epoll, struct libos_file *file, int descriptor)
{
	for (struct libos_watch *watch = file->changed.first; watch; watch = watch->next) {
		struct item *item = (struct item *)watch;
		if (watch->notify == file_changed && item->epoll == epoll && item->descriptor == descriptor)
			return item;
	}
	return NULL;
}

static unsigned epoll_ready(struct libos_file *file)
{
	struct epoll *epoll = (struct epoll *)file;
	for (struct item *item = epoll->first_changed, *next; item; item = next) {
		next = item->next_changed;
		if (ready_now(item))
			return POLLIN | POLLRDNORM;
		remove_changed(item);
	}
	return 0;
}

static void close_epoll(struct libos_file *file)
{
	struct epoll *epoll = (struct epoll *)file;
	while (epoll->items)
		remove(epoll->items);
	libos_free(epoll);
}

static const struct libos_file_kind kind = {.ready = epoll_ready, .close = close_epoll};

long libos_sys_epoll_create1(unsigned flags)
{
	if (flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	struct epoll *epoll = libos_allocate(sizeof *epoll);
	if (!epoll)
		return -ENOMEM;
	epoll->file = (struct libos_file){.kind = &kind, .references = 1, .flags = O_RDWR};
	return libos_descriptor_add(&epoll->file, flags & EPOLL_CLOEXEC);
}

long libos_sys_epoll_create(int size)
{
	return size > 0 ? libos_sys_epoll_create1(0) : -EINVAL;
}

/* Whether waiting for `file` is waiting for `epoll`, too; sets in sets are no deeper than 5, as on Linux. */
static bool contains(struct libos_file *file, const struct epoll *epoll, int depth)
{
	if (file->kind != &kind)
		return false;
	if (file == &epoll->file || depth == 0)
		return true;
	for (const struct item *item = ((struct epoll *)file)->items; item; item = item->next)
		if (contains(item->file, epoll, depth - 1))
			return true;
	return false;
}

static long add(struct epoll *epoll, struct libos_file *file, int descriptor, struct epoll_event event)
{
	enum { DEEPEST = 5 };
	if (!file->kind->ready)
		return -EPERM;
	if (contains(file, epoll, DEEPEST))
		return -ELOOP;
	struct item *item = libos_allocate(sizeof *item);
	if (!item)
		return -ENOMEM;
	*item = (struct item){{.notify = file_changed}, epoll, file, epoll->items, NULL, NULL, NULL, event, descriptor, false};
	if (epoll->items)
		epoll->items->previous = item;
	epoll->items = item;
	libos_watch_file(file, &item->watch);
	if (ready_now(item))
		file_changed(&item->watch);
	return 0;
}

long libos_sys_epoll_ctl(int set, int operation, int descriptor, const struct epoll_event *program)
{
	struct libos_file *file = libos_file(descriptor);
	struct epoll *epoll = (struct epoll *)libos_file(set);
	struct epoll_event event = {0};
	if (!epoll || !file)
		return -EBADF;
	if (operation != EPOLL_CTL_DEL) {
		if (!libos_readable(program, sizeof event))
			return -EFAULT;
		event = *program;
		event.events |= always;
	}
	if (epoll->file.kind != &kind || file == &epoll->file)
		return -EINVAL;
	struct item *item = find(epoll, file, descriptor);
	switch (operation) {
	case EPOLL_CTL_ADD:
		return item ? -EEXIST : add(epoll, file, descriptor, event);
	case EPOLL_CTL_DEL:
		if (!item)
			return -ENOENT;
		remove(item);
		return 0;
	case EPOLL_CTL_MOD:
		if (!item)
			return -ENOENT;
		item->event = event;
		if (ready_now(item))
			file_changed(&item->watch);
		return 0;
	}
	return -EINVAL;
}

/* Those that stay ready go to the end of the list, so that each has its turn. */
static int collect(struct epoll *epoll, struct epoll_event *events, int most)
{
	int count = 0;
	struct item *last = epoll->last_changed;
	for (struct item *item = epoll->first_changed, *next; item && count < most; item = next) {
		bool is_last = item == last;
		next = item->next_changed;
		unsigned ready = ready_now(item);
		remove_changed(item);
		if (ready) {
			events[count] = item->event;
			events[count++].events = ready;
			if (item->event.events & EPOLLONESHOT)
				item->event.events &= modes;
			else if (!(item->event.events & EPOLLET))
				add_changed(item);
		}
		if (is_last)
			break;
	}
	return count;
}

static long wait_until(int set, struct epoll_event *events, int most, uint64_t deadline)
{
	struct epoll *epoll = (struct epoll *)libos_file(set);
	if (!epoll)
		return -EBADF;
	if (epoll->file.kind != &kind || most <= 0 || (size_t)most > INT32_MAX / sizeof *events)
		return -EINVAL;
	if (!libos_writable(events, (size_t)most * sizeof *events))
		return -EFAULT;
	if (libos_network_poll)
		libos_network_poll();
	long result = collect(epoll, events, most);
	if (result || deadline <= libos_clock_nanoseconds())
		return result;
	struct libos_file_watch watch;
	libos_file_watch(&watch, &epoll->file);
	long slept;
	do {
		slept = libos_sleep_for_files(deadline);
		result = libos_writable(events, (size_t)most * sizeof *events) ? collect(epoll, events, most) : -EFAULT;
	} while (!result && !slept);
	libos_file_unwatch(&watch);
	return result || slept == -ETIMEDOUT ? result : slept;
}

long libos_sys_epoll_pwait(int set, struct epoll_event *events, int most, int milliseconds, const uint64_t *mask, size_t mask_size)
{
	const uint64_t millisecond = 1000000;
	long error = libos_wait_with_mask(mask, mask_size);
	uint64_t deadline = milliseconds < 0 ? LIBOS_NEVER : 0;
	if (milliseconds > 0)
		deadline = libos_clock_nanoseconds() + (uint64_t)milliseconds * millisecond;
	return error ? error : wait_until(set, events, most, deadline);
}

long libos_sys_epoll_wait(int set, struct epoll_event *events, int most, int milliseconds)
{
	return libos_sys_epoll_pwait(set, events, most, milliseconds, NULL, 0);
}

long libos_sys_epoll_pwait2(int set, struct epoll_event *events, int most, const struct __kernel_timespec *timeout,
			    const uint64_t *mask, size_t mask_size)
{
	uint64_t deadline;
	if (timeout && !libos_readable(timeout, sizeof *timeout))
		return -EFAULT;
	if (!libos_deadline(timeout, &deadline))
		return -EINVAL;
	long error = libos_wait_with_mask(mask, mask_size);
	return error ? error : wait_until(set, events, most, deadline);
}
