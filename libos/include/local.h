/* Local sockets: what those of socketpair(2) and those with names have in common. */
#ifndef LIBOS_LOCAL_H
#define LIBOS_LOCAL_H
#include "channel.h"
#include "socket.h"

/* The first member of a named socket's own struct, and all of one of a pair. */
struct libos_local {
	struct libos_socket socket;
	struct libos_local *peer; /* null: it is gone, or there was none */
	bool connected;		  /* it is, or was */
	int type;
	int error;		       /* what SO_ERROR tells once, as a positive number */
	struct libos_channel incoming; /* of datagrams, each behind its size */
	bool no_more_in, no_more_out;
};

/* syscalls/local.c: what their kinds consist of */
void libos_local_start(struct libos_local *local, const struct libos_file_kind *kind, int type, unsigned flags);
void libos_local_join(struct libos_local *one, struct libos_local *other);
void libos_local_leave(struct libos_local *local); /* the socket is closed: its peer is told; frees the socket */
long libos_local_send(struct libos_file *file, const struct libos_message *message);
long libos_local_receive(struct libos_file *file, struct libos_message *message);
long libos_local_shutdown(struct libos_file *file, int how);
long libos_local_get_option(struct libos_file *file, int level, int option, void *value, size_t *size);
long libos_local_set_option(struct libos_file *file, int level, int option, const void *value, size_t size);
long libos_local_read(struct libos_file *file, void *buffer, size_t size, uint64_t *offset);
long libos_local_write(struct libos_file *file, const void *buffer, size_t size, uint64_t *offset);
unsigned libos_local_ready(struct libos_file *file);
struct stat;
long libos_local_status(struct libos_file *file, struct stat *status);
#endif
