/* What the handlers of sockets share. */
#ifndef LIBOS_SOCKET_CALL_H
#define LIBOS_SOCKET_CALL_H
#include "socket.h"

/* syscalls/message.c */
/* The socket of a descriptor, or null and the errno. */
struct libos_file *libos_socket_file(int descriptor, long *error);
/* Copies an address from the program, or to it as accept(2) tells: `size` says what there is room for, and then what there was. */
long libos_take_address(const void *from, unsigned size, struct libos_address *address);
long libos_put_address(const struct libos_address *address, void *to, unsigned *size);
/* Adds up the parts of a message, and checks them. */
long libos_check_message(struct libos_message *message, bool written);

/* struct user_msghdr (sendmsg(2)) */
struct libos_message_header {
	void *name;
	int name_size;
	const struct iovec *parts;
	size_t part_count;
	void *control;
	size_t control_size;
	unsigned flags;
};
struct libos_numbered_message {
	struct libos_message_header header;
	unsigned size;
};
long libos_send_message(struct libos_file *socket, const struct libos_message_header *header, unsigned flags);
long libos_receive_message(struct libos_file *socket, struct libos_message_header *header, unsigned flags);
#endif
