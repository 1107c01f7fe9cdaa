/* Addresses and messages of sockets as they come from the program: bind(2), recvmsg(2). */
#include "socket_call.h"

struct libos_file *libos_socket_file(int descriptor, long *error)
{
	struct libos_file *file = libos_file(descriptor);
	*error = !file ? -EBADF : !file->kind->socket ? -ENOTSOCK : 0;
	return *error ? NULL : file;
}

long libos_take_address(const void *from, unsigned size, struct libos_address *address)
{
	if (size > sizeof address->bytes)
		return -EINVAL;
	if (!libos_readable(from, size))
		return -EFAULT;
	libos_memset(address, 0, sizeof *address);
	libos_memcpy(address->bytes, from, size);
	address->size = size;
	return 0;
}

long libos_put_address(const struct libos_address *address, void *to, unsigned *size)
{
	if (!libos_writable(size, sizeof *size))
		return -EFAULT;
	if ((int)*size < 0)
		return -EINVAL;
	size_t part = *size < address->size ? *size : address->size;
	if (!libos_writable(to, part))
		return -EFAULT;
	libos_memcpy(to, address->bytes, part);
	*size = (unsigned)address->size;
	return 0;
}

long libos_check_message(struct libos_message *message, bool written)
{
	message->size = 0;
	if (message->count > UIO_MAXIOV)
		return -EMSGSIZE;
	if (!message->own && !libos_readable(message->parts, message->count * sizeof *message->parts))
		return -EFAULT;
	for (size_t i = 0; i < message->count; i++) {
		const struct iovec *part = &message->parts[i];
		if (part->iov_len > INT32_MAX - message->size)
			return -EINVAL;
		bool ours = message->own && (uintptr_t)part->iov_base >= LIBOS_DIRECT_MAP;
		if (!ours && !(written ? libos_writable(part->iov_base, part->iov_len) : libos_readable(part->iov_base, part->iov_len)))
			return -EFAULT;
		message->size += part->iov_len;
	}
	return 0;
}

char *libos_message_piece(const struct libos_message *message, size_t done, size_t *size)
{
	for (size_t i = 0; i < message->count; i++) {
		const struct iovec *part = &message->parts[i];
		if (done < part->iov_len) {
			*size = part->iov_len - done;
			return (char *)part->iov_base + done;
		}
		done -= part->iov_len;
	}
	return NULL;
}

size_t libos_message_fill(const struct libos_message *message, size_t done, const char *bytes, size_t size)
{
	size_t filled = 0, room;
	for (char *to; filled < size && (to = libos_message_piece(message, done + filled, &room)); filled += room) {
		if (room > size - filled)
			room = size - filled;
		libos_memcpy(to, bytes + filled, room);
	}
	return filled;
}
