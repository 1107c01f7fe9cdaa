/* Sockets: what a family of addresses does for the calls that are the same for all of them. */
#ifndef LIBOS_SOCKET_H
#define LIBOS_SOCKET_H
#include "file.h"
#include <linux/socket.h>
#include <linux/uio.h>

/* What Linux's headers leave to the C library's. */
enum { AF_UNSPEC = 0, AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10 };
enum { SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3, SOCK_SEQPACKET = 5 };
enum { SHUT_RD = 0, SHUT_WR = 1, SHUT_RDWR = 2 };
enum {
	MSG_PEEK = 0x2,
	MSG_CTRUNC = 0x8,
	MSG_TRUNC = 0x20,
	MSG_DONTWAIT = 0x40,
	MSG_EOR = 0x80,
	MSG_WAITALL = 0x100,
	MSG_NOSIGNAL = 0x4000,
	MSG_MORE = 0x8000,
	MSG_WAITFORONE = 0x10000,
	MSG_CMSG_CLOEXEC = 0x40000000,
};
enum { LIBOS_SOCKET_MODE = 0140777 }; /* S_IFSOCK, and all may */

/* An address as the program writes it, copied from it: struct sockaddr_in, sockaddr_in6, sockaddr_un. */
struct libos_address {
	size_t size; /* 0: none */
	union {
		uint16_t family;
		char bytes[128];
	};
};

/* What sendmsg and recvmsg carry. The parts and the control data are the program's, and checked. */
struct libos_message {
	const struct iovec *parts;
	size_t count, size; /* of parts, and of all their bytes: at most INT32_MAX */
	size_t done;	    /* bytes of them that are behind us already */
	bool own;	    /* the parts are in the library OS's memory, and so may be their bytes, or they were checked before */
	int flags;	    /* MSG_PEEK, MSG_DONTWAIT … as they were given */
	struct libos_address *address; /* of the receiver, or, to be filled in, of the sender */
	char *control;
	size_t control_size, control_done; /* receiving: what there is room for, and what was written */
	int result_flags;		   /* receiving: MSG_TRUNC, MSG_CTRUNC … */
};

/*
 * None of these waits: -EAGAIN where it would have to, and who called waits for `changed` and calls again. An exception is
 * connect, which answers -EINPROGRESS, and then the caller waits for POLLOUT and takes SO_ERROR. Null: EOPNOTSUPP.
 */
struct libos_socket_kind {
	long (*bind)(struct libos_file *socket, const struct libos_address *address);
	long (*listen)(struct libos_file *socket, int backlog);
	/* with one reference; and whose connection it is, or was: it may be over by now */
	long (*accept)(struct libos_file *socket, struct libos_file **accepted, struct libos_address *peer);
	long (*connect)(struct libos_file *socket, const struct libos_address *address);
	long (*send)(struct libos_file *socket, const struct libos_message *message);
	long (*receive)(struct libos_file *socket, struct libos_message *message);
	long (*shutdown)(struct libos_file *socket, int how);
	long (*name)(struct libos_file *socket, struct libos_address *address, bool of_peer);
	/* the value is in kernel memory of 128 bytes; `size` is written where it is not that of an int */
	long (*get_option)(struct libos_file *socket, int level, int name, void *value, size_t *size);
	long (*set_option)(struct libos_file *socket, int level, int name, const void *value, size_t size);
};

/* What the calls themselves keep for each socket: the first member of each family's own struct. */
struct libos_socket {
	struct libos_file file;
	uint64_t receive_timeout, send_timeout; /* SO_RCVTIMEO, SO_SNDTIMEO in nanoseconds; 0: none */
};

/* net/inet.c, syscalls/local_named.c; each is in an image whose program can ask for its family: a new socket of the type (SOCK_STREAM …) in `file`, with one reference; or an errno */
long libos_inet_socket(int family, int type, int protocol, struct libos_file **file) __attribute__((weak));
long libos_local_socket(int type, int protocol, struct libos_file **file) __attribute__((weak));

/* syscalls/message.c: where the message's byte `done` is, and how many follow it in one piece; null: it has no more */
char *libos_message_piece(const struct libos_message *message, size_t done, size_t *size);
/* Copies into the message's parts, from `done` on: how much fitted. */
size_t libos_message_fill(const struct libos_message *message, size_t done, const char *bytes, size_t size);

/* syscalls/socket_io.c: sends and receives as the calls do, waiting unless the socket or the flags say otherwise */
long libos_socket_send(struct libos_file *socket, struct libos_message *message);
long libos_socket_receive(struct libos_file *socket, struct libos_message *message);
#endif
