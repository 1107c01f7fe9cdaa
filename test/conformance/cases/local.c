/* Local sockets with names: unix(7). */
#include "sockets.h"
#include <stddef.h>
#include <sys/un.h>

static char bytes[1 << 16];

static struct sockaddr_un named(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(address.sun_path, path);
	return address;
}

static int bind_to(int descriptor, const char *path)
{
	struct sockaddr_un address = named(path);
	return bind(descriptor, (struct sockaddr *)&address, sizeof address);
}

static int connect_to(int descriptor, const char *path)
{
	struct sockaddr_un address = named(path);
	return connect(descriptor, (struct sockaddr *)&address, sizeof address);
}

static int made(int type)
{
	return socket(AF_UNIX, type, 0);
}

static int server(const char *path, int type, int backlog)
{
	int descriptor = made(type);
	TRY(bind_to(descriptor, path));
	TRY(listen(descriptor, backlog));
	return descriptor;
}

static void print_name(const char *what, int descriptor, int (*ask)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_un address;
	socklen_t size = sizeof address;
	memset(&address, 'x', sizeof address);
	if (ask(descriptor, (struct sockaddr *)&address, &size))
		printf("%s: %s\n", what, error_name(errno));
	else
		printf("%s: %u %d %s\n", what, size, address.sun_family, size > offsetof(struct sockaddr_un, sun_path) ? address.sun_path : "");
}

CASE(local_client_and_server)
{
	int listener = server("socket", SOCK_STREAM, 5), client = made(SOCK_STREAM), accepted;
	struct sockaddr_un from;
	socklen_t size = sizeof from;
	TRY(connect_to(client, "socket"));
	TRY(write(client, "hello", 5));
	await(listener, POLLIN);
	WORKS(accepted = accept(listener, (struct sockaddr *)&from, &size));
	printf("%u %d\n", size, from.sun_family);
	TRY(read(accepted, bytes, 100));
	TRY(send(accepted, "back", 4, 0));
	TRY(recv(client, bytes, 100, 0));
	print_name("listener", listener, getsockname);
	print_name("listener's peer", listener, getpeername);
	print_name("client", client, getsockname);
	print_name("client's peer", client, getpeername);
	print_name("accepted", accepted, getsockname);
	print_name("accepted's peer", accepted, getpeername);
	TRY(shutdown(client, SHUT_WR));
	TRY(read(accepted, bytes, 100));
	TRY(close(accepted));
	TRY(read(client, bytes, 100));
	print_name("client's peer", client, getpeername);
	TRY(send(client, "a", 1, MSG_NOSIGNAL));
	TRY(connect_to(client, "socket"));
}

CASE(local_names_are_files)
{
	struct stat status;
	int listener = server("socket", SOCK_STREAM, 5);
	TRY(stat("socket", &status));
	printf("%o %d %d\n", status.st_mode, (int)status.st_nlink, (int)status.st_size);
	TRY(fstat(listener, &status));
	printf("%d\n", S_ISSOCK(status.st_mode));
	TRY(open("socket", O_RDWR));
	TRY(bind_to(made(SOCK_STREAM), "socket"));
	TRY(rename("socket", "other"));
	TRY(connect_to(made(SOCK_STREAM), "socket"));
	TRY(connect_to(made(SOCK_STREAM), "other"));
	TRY(symlink("other", "link"));
	TRY(connect_to(made(SOCK_STREAM), "link"));
	TRY(bind_to(made(SOCK_STREAM), "link"));
	TRY(unlink("other"));
	TRY(connect_to(made(SOCK_STREAM), "other"));
	TRY(bind_to(made(SOCK_STREAM), "other"));
	TRY(connect_to(made(SOCK_STREAM), "other"));
	TRY(unlink("other"));
	print_name("listener", listener, getsockname);
}

CASE(local_names_outlive_their_sockets)
{
	struct stat status;
	TRY(close(server("socket", SOCK_STREAM, 5)));
	TRY(lstat("socket", &status));
	printf("%d\n", S_ISSOCK(status.st_mode));
	TRY(connect_to(made(SOCK_STREAM), "socket"));
	TRY(bind_to(made(SOCK_STREAM), "socket"));
	TRY(unlink("socket"));
	TRY(bind_to(made(SOCK_STREAM), "socket"));
}

CASE(local_sockets_refuse)
{
	int one = made(SOCK_STREAM);
	struct sockaddr_un address = named("socket");
	make_file("file", "");
	mkdir("folder", 0700);
	TRY(bind_to(one, "none/socket"));
	TRY(bind_to(one, "file"));
	TRY(bind_to(one, "file/socket"));
	TRY(bind_to(one, "folder"));
	TRY(bind_to(one, "socket/"));
	TRY(bind(one, (struct sockaddr *)&address, 1));
	TRY(bind(one, (struct sockaddr *)&address, 200));
	TRY(bind(one, nowhere, sizeof address));
	address.sun_family = AF_INET;
	TRY(bind(one, (struct sockaddr *)&address, sizeof address));
	TRY(listen(one, 5));
	TRY(accept(one, NULL, NULL));
	TRY(connect_to(one, "none"));
	TRY(connect_to(one, "file"));
	TRY(connect_to(one, "folder"));
	TRY(connect_to(one, "file/none"));
	TRY(send(one, "a", 1, MSG_NOSIGNAL));
	TRY(recv(one, bytes, 1, 0));
	print_name("peer", one, getpeername);
	TRY(bind_to(one, "socket"));
	TRY(bind_to(one, "other"));
	TRY(connect_to(made(SOCK_STREAM), "socket"));
	TRY(listen(one, 5));
	TRY(connect_to(made(SOCK_SEQPACKET), "socket"));
	TRY(socket(AF_UNIX, 99, 0));
	TRY(socket(AF_UNIX, SOCK_STREAM, 99));
}

CASE(local_backlog_is_full)
{
	int listener = server("socket", SOCK_STREAM, 1), clients[4];
	for (int i = 0; i < 4; i++) {
		clients[i] = made(SOCK_STREAM | SOCK_NONBLOCK);
		TRY(connect_to(clients[i], "socket"));
	}
	WORKS(accept(listener, NULL, NULL));
	TRY(connect_to(clients[3], "socket"));
	TRY(close(listener));
	await(clients[1], POLLIN);
	TRY(read(clients[1], bytes, 1));
	TRY(read(clients[1], bytes, 1));
	TRY(connect_to(clients[2], "socket"));
}

CASE(local_sockets_are_polled)
{
	int listener = server("socket", SOCK_STREAM | SOCK_NONBLOCK, 5), client = made(SOCK_STREAM), accepted, value;
	socklen_t size = sizeof value;
	await(client, POLLIN | POLLOUT);
	TRY(accept(listener, NULL, NULL));
	TRY(connect_to(client, "socket"));
	await(client, POLLIN | POLLOUT);
	await(listener, POLLIN | POLLOUT);
	WORKS(accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK));
	TRY(read(accepted, bytes, 1));
	while (write(accepted, bytes, sizeof bytes) > 0)
		;
	printf("%s\n", error_name(errno));
	await(client, POLLIN | POLLOUT);
	TRY(getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &value, &size));
	printf("%d\n", value);
	TRY(getsockopt(client, SOL_SOCKET, SO_ACCEPTCONN, &value, &size));
	printf("%d\n", value);
	TRY(getsockopt(client, SOL_SOCKET, SO_TYPE, &value, &size));
	printf("%d\n", value == SOCK_STREAM);
	TRY(getsockopt(client, SOL_SOCKET, SO_DOMAIN, &value, &size));
	printf("%d\n", value == AF_UNIX);
}

CASE(local_packets_keep_their_bounds)
{
	int listener = server("socket", SOCK_SEQPACKET, 5), client = made(SOCK_SEQPACKET), accepted;
	TRY(recv(client, bytes, 1, 0));
	TRY(connect_to(client, "socket"));
	TRY(send(client, "first", 5, 0));
	TRY(send(client, "second", 6, 0));
	WORKS(accepted = accept(listener, NULL, NULL));
	TRY(recv(accepted, bytes, 100, 0));
	TRY(recv(accepted, bytes, 3, 0));
	TRY(close(client));
	TRY(recv(accepted, bytes, 3, 0));
}

CASE(local_names_without_files)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX}, peer;
	/* such names are the whole machine's */
	socklen_t size = offsetof(struct sockaddr_un, sun_path) + 1 + (socklen_t)sprintf(address.sun_path + 1, "unikernel-%010d", getpid());
	int listener = made(SOCK_STREAM), client = made(SOCK_STREAM);
	TRY(connect(client, (struct sockaddr *)&address, size));
	TRY(bind(listener, (struct sockaddr *)&address, size));
	TRY(bind(made(SOCK_STREAM), (struct sockaddr *)&address, size));
	TRY(connect(client, (struct sockaddr *)&address, size));
	TRY(listen(listener, 5));
	TRY(connect(client, (struct sockaddr *)&address, size - 1));
	TRY(connect(client, (struct sockaddr *)&address, size));
	TRY(getpeername(client, (struct sockaddr *)&peer, &size));
	printf("%u %d\n", size, memcmp(&address, &peer, size));
}

CASE(local_peer_leaves_what_was_sent)
{
	int listener = server("socket", SOCK_STREAM, 5), client = made(SOCK_STREAM), accepted, error;
	socklen_t size = sizeof error;
	TRY(connect_to(client, "socket"));
	WORKS(accepted = accept(listener, NULL, NULL));
	TRY(write(client, "hello", 5));
	TRY(write(accepted, "hello", 5));
	TRY(close(accepted));
	await(client, POLLIN);
	TRY(read(client, bytes, 100));
	TRY(read(client, bytes, 100));
	TRY(read(client, bytes, 100));
	TRY(getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &size));
	printf("%d\n", error);
}
