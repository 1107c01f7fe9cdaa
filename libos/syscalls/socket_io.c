/* Sending and receiving on any socket: what they wait for, and when they are done. */
#include "socket_call.h"
#include <asm/socket.h>
#include <linux/fcntl.h>


static bool is_stream(struct libos_file *file)
{
	int type = 0;
	size_t size = sizeof type;
	return !file->kind->socket->get_option(file, SOL_SOCKET, SO_TYPE, &type, &size) && type == SOCK_STREAM;
}

/* 0: look again; else what ends the call */
static long wait_for(struct libos_file *file, const struct libos_message *message, uint64_t deadline)
{
	if (file->flags & O_NONBLOCK || message->flags & MSG_DONTWAIT)
		return -EAGAIN;
	long result = libos_wait(&file->changed, deadline);
	return result == -ETIMEDOUT ? -EAGAIN : result;
}

static uint64_t deadline_of(uint64_t timeout)
{
	return timeout ? libos_clock_nanoseconds() + timeout : LIBOS_NEVER;
}

static uint64_t *timeout_of(struct libos_file *file, bool sending)
{
	struct libos_socket *socket = (struct libos_socket *)file;
	return sending ? &socket->send_timeout : &socket->receive_timeout;
}

/* The loop of both; `step` moves what it can. It checks the program's memory again after each wait. */
static long transfer(struct libos_file *file, struct libos_message *message, bool sending, bool whole,
		     long (*step)(struct libos_file *, struct libos_message *))
{
	uint64_t deadline = 0;
	for (;;) {
		long result = step(file, message);
		if (result > 0)
			message->done += (size_t)result;
		if ((result >= 0 && (!whole || !result || message->done >= message->size)) || (result < 0 && result != -EAGAIN))
			return message->done ? (long)message->done : result;
		if (result > 0)
			continue;
		if (!deadline)
			deadline = deadline_of(*timeout_of(file, sending));
		result = wait_for(file, message, deadline);
		if (!result)
			result = libos_check_message(message, !sending);
		if (result)
			return message->done ? (long)message->done : result;
	}
}

static long send_step(struct libos_file *file, struct libos_message *message)
{
	return file->kind->socket->send(file, message);
}

static long receive_step(struct libos_file *file, struct libos_message *message)
{
	return file->kind->socket->receive(file, message);
}

long libos_socket_send(struct libos_file *file, struct libos_message *message)
{
	if (!file->kind->socket->send)
		return -EOPNOTSUPP;
	bool stream = is_stream(file);
	long result = transfer(file, message, true, stream, send_step);
	if (result == -EPIPE && stream && !(message->flags & MSG_NOSIGNAL) && libos_signal_pipe)
		libos_signal_pipe();
	return result;
}

long libos_socket_receive(struct libos_file *file, struct libos_message *message)
{
	if (!file->kind->socket->receive)
		return -EOPNOTSUPP;
	bool whole = message->flags & MSG_WAITALL && !(message->flags & MSG_PEEK) && is_stream(file);
	long result = transfer(file, message, false, whole, receive_step);
	/* a datagram that was cut is counted whole with MSG_TRUNC: what was counted is what the family said */
	return result;
}
