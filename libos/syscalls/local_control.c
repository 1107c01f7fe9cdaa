/*
 * Control messages of local sockets: descriptors (SCM_RIGHTS) and credentials (SCM_CREDENTIALS) of unix(7), cmsg(3). Files that
 * only wait in sockets that wait in one another stay, where Linux looks for such circles.
 */
#include "descriptors.h"
#include "local.h"
#include <asm/socket.h>

enum { SCM_RIGHTS = 1, SCM_CREDENTIALS = 2, MOST_RIGHTS = 253 };

struct header { /* struct cmsghdr */
	size_t size;
	int level, type;
};

/* Files on their way, with the bytes that they came with. */
struct libos_attached {
	struct libos_attached *next;
	size_t start, size; /* in the channel, from its next byte on */
	unsigned count;
	struct libos_file *files[];
};

static size_t aligned(size_t size)
{
	return (size + sizeof(size_t) - 1) & -sizeof(size_t);
}

static long check_credentials(const struct header *header)
{
	const struct libos_credentials own = libos_local_credentials();
	if (header->size != sizeof *header + sizeof own)
		return -EINVAL;
	return libos_memcmp(header + 1, &own, sizeof own) ? -EPERM : 0;
}

/* Takes a reference of each file. */
static long add_rights(struct libos_attached *attached, const struct header *header)
{
	const int *descriptors = (const int *)(header + 1);
	for (size_t i = 0; i < (header->size - sizeof *header) / sizeof *descriptors; i++) {
		struct libos_file *file = libos_file(descriptors[i]);
		if (!file)
			return -EBADF;
		if (attached->count == MOST_RIGHTS)
			return -EINVAL;
		libos_file_keep(file);
		attached->files[attached->count++] = file;
	}
	return 0;
}

static long add_all(struct libos_attached *attached, const struct libos_message *message)
{
	size_t at = 0;
	while (message->control_size - at >= sizeof(struct header)) {
		const struct header *header = (const struct header *)(message->control + at);
		if (header->size < sizeof *header || header->size > message->control_size - at)
			return -EINVAL;
		if (header->level == SOL_SOCKET) {
			long error = header->type == SCM_RIGHTS	       ? add_rights(attached, header)
				     : header->type == SCM_CREDENTIALS ? check_credentials(header)
								       : -EINVAL;
			if (error)
				return error;
		}
		if (aligned(header->size) >= message->control_size - at)
			break;
		at += aligned(header->size);
	}
	return 0;
}

/* To close a socket is to drop what is in it, which may be a socket: one after the other, and not one within the other. */
static void release(struct libos_attached *attached)
{
	static struct libos_attached *first;
	static bool releasing;
	struct libos_attached *last = attached;
	while (last->next)
		last = last->next;
	last->next = first;
	first = attached;
	if (releasing)
		return;
	releasing = true;
	while ((attached = first)) {
		first = attached->next;
		for (unsigned i = 0; i < attached->count; i++)
			libos_file_release(attached->files[i]);
		libos_free(attached);
	}
	releasing = false;
}

long libos_local_attach(struct libos_local *peer, const struct libos_message *message, size_t bytes)
{
	if (!libos_readable(message->control, message->control_size)) /* it may have waited */
		return -EFAULT;
	struct libos_attached *attached = libos_allocate(sizeof *attached + MOST_RIGHTS * sizeof *attached->files), **place = &peer->attached;
	if (!attached)
		return -ENOMEM;
	long error = add_all(attached, message);
	if (error || !attached->count || !bytes) {
		release(attached);
		return error;
	}
	attached->start = peer->incoming.size;
	attached->size = bytes;
	while (*place)
		place = &(*place)->next;
	*place = attached;
	return 0;
}

/* What does not fit is cut, as cmsg(3) says. */
static void put(struct libos_message *message, int type, const void *data, size_t size)
{
	size_t room = message->control_size - message->control_done;
	struct header header = {sizeof header + size, SOL_SOCKET, type};
	char *to = message->control + message->control_done;
	if (room < header.size)
		message->result_flags |= MSG_CTRUNC;
	if (room < sizeof header)
		return;
	if (room < header.size)
		header.size = room;
	libos_memcpy(to, &header, sizeof header);
	libos_memcpy(to + sizeof header, data, header.size - sizeof header);
	message->control_done += aligned(header.size) < room ? aligned(header.size) : room;
}

/* As many as there is room for, and descriptors: the others are closed. */
static void put_rights(struct libos_message *message, const struct libos_attached *attached)
{
	int descriptors[MOST_RIGHTS];
	size_t room = message->control_size - message->control_done, count = 0;
	size_t most = room > sizeof(struct header) ? (room - sizeof(struct header)) / sizeof *descriptors : 0;
	for (; count < attached->count && count < most; count++) {
		libos_file_keep(attached->files[count]);
		descriptors[count] = libos_descriptor_add(attached->files[count], message->flags & MSG_CMSG_CLOEXEC);
		if (descriptors[count] < 0)
			break;
	}
	if (count < attached->count)
		message->result_flags |= MSG_CTRUNC;
	if (count)
		put(message, SCM_RIGHTS, descriptors, count * sizeof *descriptors);
}

size_t libos_local_detach(struct libos_local *local, struct libos_message *message, size_t bytes)
{
	struct libos_attached *first = local->attached;
	bool taken = first && first->start < bytes;
	if (!libos_writable(message->control, message->control_size)) /* it may have waited */
		message->control_size = message->control_done;
	if (local->wants_credentials && !message->done) {
		const struct libos_credentials own = libos_local_credentials();
		put(message, SCM_CREDENTIALS, &own, sizeof own);
	}
	/* descriptors of two messages are not received together */
	if (taken && bytes > first->start + first->size)
		bytes = first->start + first->size;
	if (taken)
		put_rights(message, first);
	if (message->flags & MSG_PEEK)
		return bytes;
	if (taken) {
		local->attached = first->next;
		first->next = NULL;
		release(first);
	}
	for (struct libos_attached *attached = local->attached; attached; attached = attached->next)
		attached->start -= bytes;
	return bytes;
}

void libos_local_drop(struct libos_local *local)
{
	struct libos_attached *attached = local->attached;
	local->attached = NULL;
	release(attached);
}
