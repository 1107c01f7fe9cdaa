/* Sending and receiving: send(2), recv(2), sendmsg(2), recvmsg(2), sendmmsg(2), recvmmsg(2). */
#include "socket_call.h"
#include <linux/time_types.h>

static long send_checked(struct libos_file *file, struct libos_message *message)
{
	long error = libos_check_message(message, false);
	if (error)
		return error;
	libos_file_keep(file);
	long result = libos_socket_send(file, message);
	libos_file_release(file);
	return result;
}

static long receive_checked(struct libos_file *file, struct libos_message *message)
{
	long error = libos_check_message(message, true);
	if (error)
		return error;
	libos_file_keep(file);
	long result = libos_socket_receive(file, message);
	libos_file_release(file);
	return result;
}

long libos_sys_sendto(int descriptor, void *bytes, size_t size, unsigned flags, const void *to, unsigned to_size)
{
	struct libos_address address = {.size = 0};
	struct iovec part = {bytes, size < INT32_MAX ? size : INT32_MAX};
	struct libos_message message = {.parts = &part, .count = 1, .own = true, .flags = (int)flags, .address = &address};
	long error;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	if (error || (to && (error = libos_take_address(to, to_size, &address))))
		return error;
	if (!libos_readable(bytes, part.iov_len))
		return -EFAULT;
	return send_checked(file, &message);
}

long libos_sys_recvfrom(int descriptor, void *bytes, size_t size, unsigned flags, void *from, unsigned *from_size)
{
	struct libos_address address = {.size = 0};
	struct iovec part = {bytes, size < INT32_MAX ? size : INT32_MAX};
	struct libos_message message = {.parts = &part, .count = 1, .own = true, .flags = (int)flags, .address = &address};
	long error;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	if (error)
		return error;
	if (!libos_writable(bytes, part.iov_len))
		return -EFAULT;
	long result = receive_checked(file, &message);
	if (result >= 0 && from && (error = libos_put_address(&address, from, from_size)))
		return error;
	return result;
}

long libos_send_message(struct libos_file *file, const struct libos_message_header *header, unsigned flags)
{
	struct libos_address address = {.size = 0};
	if (!libos_readable(header, sizeof *header))
		return -EFAULT;
	struct libos_message message = {
		.parts = header->parts,
		.count = header->part_count,
		.flags = (int)flags,
		.address = &address,
		.control = header->control,
		.control_size = header->control ? header->control_size : 0,
	};
	long error = header->name ? libos_take_address(header->name, (unsigned)header->name_size, &address) : 0;
	if (error)
		return error;
	if (!libos_readable(message.control, message.control_size))
		return -EFAULT;
	return send_checked(file, &message);
}

long libos_receive_message(struct libos_file *file, struct libos_message_header *header, unsigned flags)
{
	struct libos_address address = {.size = 0};
	if (!libos_writable(header, sizeof *header))
		return -EFAULT;
	struct libos_message message = {
		.parts = header->parts,
		.count = header->part_count,
		.flags = (int)flags,
		.address = &address,
		.control = header->control,
		.control_size = header->control ? header->control_size : 0,
	};
	if (!libos_writable(message.control, message.control_size))
		return -EFAULT;
	long result = receive_checked(file, &message);
	if (result < 0)
		return result;
	if (!libos_writable(header, sizeof *header)) /* it may have waited */
		return -EFAULT;
	if (header->name) {
		long error = libos_put_address(&address, header->name, (unsigned *)&header->name_size);
		if (error)
			return error;
	}
	header->control_size = message.control_done;
	header->flags = (unsigned)message.result_flags;
	return result;
}

long libos_sys_sendmsg(int descriptor, const struct libos_message_header *header, unsigned flags)
{
	long error;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	return error ? error : libos_send_message(file, header, flags);
}

long libos_sys_recvmsg(int descriptor, struct libos_message_header *header, unsigned flags)
{
	long error;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	return error ? error : libos_receive_message(file, header, flags);
}

long libos_sys_sendmmsg(int descriptor, struct libos_numbered_message *messages, unsigned count, unsigned flags)
{
	long error;
	unsigned done = 0;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	if (error)
		return error;
	for (count = count < UIO_MAXIOV ? count : UIO_MAXIOV; done < count; done++) {
		if (!libos_writable(&messages[done], sizeof *messages))
			error = -EFAULT;
		else
			error = libos_send_message(file, &messages[done].header, flags);
		if (error < 0)
			break;
		messages[done].size = (unsigned)error;
	}
	return done ? (long)done : error;
}

/* The timeout is looked at after each message, as recvmmsg(2) says. */
long libos_sys_recvmmsg(int descriptor, struct libos_numbered_message *messages, unsigned count, unsigned flags,
			const struct __kernel_timespec *timeout)
{
	long error;
	unsigned done = 0;
	struct libos_file *file = libos_socket_file(descriptor, &error);
	if (error)
		return error;
	uint64_t end = LIBOS_NEVER;
	if (timeout) {
		if (!libos_readable(timeout, sizeof *timeout))
			return -EFAULT;
		if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000)
			return -EINVAL;
		end = libos_clock_nanoseconds() + (uint64_t)timeout->tv_sec * 1000000000 + (uint64_t)timeout->tv_nsec;
	}
	for (count = count < UIO_MAXIOV ? count : UIO_MAXIOV; done < count;) {
		if (!libos_writable(&messages[done], sizeof *messages))
			error = -EFAULT;
		else
			error = libos_receive_message(file, &messages[done].header, flags & ~(unsigned)MSG_WAITFORONE);
		if (error < 0)
			break;
		messages[done++].size = (unsigned)error;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (timeout && libos_clock_nanoseconds() >= end)
			break;
	}
	return done ? (long)done : error;
}
