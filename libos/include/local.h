/* Local sockets: what those of socketpair(2) and those with names have in common. */
#ifndef LIBOS_LOCAL_H
#define LIBOS_LOCAL_H
#include "channel.h"
#include "socket.h"

struct libos_attached;
/* The first member of a named socket's own struct, and all of one of a pair. */
struct libos_local {
	struct libos_socket socket;
	struct libos_local *peer; /* null: it is gone, or there was none */
	bool connected;		  /* it is, or was */
	int type;
	int error;		       /* what SO_ERROR tells once, as a positive number */
	struct libos_channel incoming; /* of datagrams, each behind a struct libos_packet and the sender's name */
	bool no_more_in, no_more_out;
	bool knows_peer;		 /* SO_PEERCRED: it was connected, or listens */
	bool wants_credentials;		 /* SO_PASSCRED */
	const struct libos_address *name; /* null, or size 0: it has none */
	struct libos_attached *attached; /* descriptors in what came in, in its order */
};
struct libos_packet {
	uint32_t size, name_size;
};
struct libos_credentials { /* struct ucred of unix(7) */
	uint32_t process, user, group;
};

/* syscalls/local.c: what their kinds consist of */
void libos_local_start(struct libos_local *local, const struct libos_file_kind *kind, int type, unsigned flags);
void libos_local_join(struct libos_local *one, struct libos_local *other);
void libos_local_leave(struct libos_local *local); /* the socket is closed: its peer is told; frees the socket */
long libos_local_send(struct libos_file *file, const struct libos_message *message);
long libos_local_send_to(struct libos_local *end, struct libos_local *peer, const struct libos_message *message);
long libos_local_receive(struct libos_file *file, struct libos_message *message);
long libos_local_shutdown(struct libos_file *file, int how);
long libos_local_get_option(struct libos_file *file, int level, int option, void *value, size_t *size);
long libos_local_set_option(struct libos_file *file, int level, int option, const void *value, size_t size);
long libos_local_read(struct libos_file *file, void *buffer, size_t size, uint64_t *offset);
long libos_local_write(struct libos_file *file, const void *buffer, size_t size, uint64_t *offset);
unsigned libos_local_ready(struct libos_file *file);
struct libos_credentials libos_local_credentials(void); /* the program's own, who is all there is */
void libos_local_forget(struct libos_local *local); /* what came in is lost */

/* One that can have a name: the first member of those of datagrams, and all of the others. */
struct libos_named {
	struct libos_local local;
	struct libos_address address, peer_address; /* size 0: none */
	struct libos_node *node;		    /* null: it is not bound to a path */
	struct libos_named *next_bound;
	/* of a listener */
	bool listens;
	unsigned backlog, waiting;
	struct libos_named *pending, *last_pending, *next_pending;
};

/* syscalls/local_named.c */
long libos_named_bind(struct libos_file *file, const struct libos_address *address);
long libos_named_name(struct libos_file *file, struct libos_address *address, bool of_peer);
/* Who of that type is bound to the name, or an errno. */
long libos_named_find(int type, const struct libos_address *given, struct libos_named **found);
/* One that passes credentials has a name, made up where it has no other. */
void libos_named_need_name(struct libos_named *named);
void libos_named_forget(struct libos_named *named); /* its name is free */
/* syscalls/local_datagrams.c */
struct libos_file *libos_datagram_socket(void); /* null: no memory */

/* syscalls/local_control.c, in a program that has control messages; `bytes` are those of the channel: cmsg(3) */
/* Attaches the message's descriptors to the bytes that the peer gets next. */
long libos_local_attach(struct libos_local *peer, const struct libos_message *message, size_t bytes) __attribute__((weak));
/* Hands out what is attached to the first bytes; returns how many of them are received together. */
size_t libos_local_detach(struct libos_local *local, struct libos_message *message, size_t bytes) __attribute__((weak));
void libos_local_drop(struct libos_local *local) __attribute__((weak));
struct stat;
long libos_local_status(struct libos_file *file, struct stat *status);
#endif
