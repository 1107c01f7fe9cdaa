/* Ports that several sockets have together, and datagrams that nobody takes: SO_REUSEADDR and SO_REUSEPORT of socket(7), errors of udp(7). */
#include "sockets.h"

static int made(int type, int option)
{
	int descriptor = socket(AF_INET, type, 0), on = 1;
	if (option && setsockopt(descriptor, SOL_SOCKET, option, &on, sizeof on))
		printf("no option: %s\n", error_name(errno));
	return descriptor;
}

/* Binds a second socket to the place of a first one, each with its option. */
static void bind_twice(int type, int one, int other)
{
	struct sockaddr_in address = loopback(), any = {.sin_family = AF_INET};
	socklen_t size = sizeof address;
	int first = made(type, one);
	TRY(bind(first, (struct sockaddr *)&address, sizeof address));
	getsockname(first, (struct sockaddr *)&address, &size);
	any.sin_port = address.sin_port;
	TRY(bind(made(type, other), (struct sockaddr *)&any, sizeof any));
	TRY(bind(made(type, other), (struct sockaddr *)&address, sizeof address));
}

static void bind_in_all_ways(int type)
{
	bind_twice(type, 0, 0);
	bind_twice(type, SO_REUSEADDR, 0);
	bind_twice(type, 0, SO_REUSEADDR);
	bind_twice(type, SO_REUSEADDR, SO_REUSEADDR);
	bind_twice(type, SO_REUSEPORT, 0);
	bind_twice(type, 0, SO_REUSEPORT);
	bind_twice(type, SO_REUSEPORT, SO_REUSEPORT);
	bind_twice(type, SO_REUSEADDR, SO_REUSEPORT);
}

CASE(ports_of_streams_bound_twice)
{
	bind_in_all_ways(SOCK_STREAM);
}

CASE(ports_of_datagrams_bound_twice)
{
	bind_in_all_ways(SOCK_DGRAM);
}

CASE(one_listens_at_a_reused_address)
{
	struct sockaddr_in address = loopback();
	socklen_t size = sizeof address;
	int first = made(SOCK_STREAM, SO_REUSEADDR), second = made(SOCK_STREAM, SO_REUSEADDR);
	TRY(bind(first, (struct sockaddr *)&address, sizeof address));
	getsockname(first, (struct sockaddr *)&address, &size);
	TRY(bind(second, (struct sockaddr *)&address, sizeof address));
	TRY(listen(first, 5));
	TRY(listen(second, 5));
	TRY(bind(made(SOCK_STREAM, SO_REUSEADDR), (struct sockaddr *)&address, sizeof address));
	TRY(close(first));
	TRY(listen(second, 5));
}

enum { SHARING = 3, CLIENTS = 24 };

/* Sockets of one port; those that listen do not wait. */
static void share(int type, int *sockets, struct sockaddr_in *address)
{
	socklen_t size = sizeof *address;
	*address = loopback();
	for (int i = 0; i < SHARING; i++) {
		sockets[i] = made(type | SOCK_NONBLOCK, SO_REUSEPORT);
		TRY(bind(sockets[i], (struct sockaddr *)address, sizeof *address));
		getsockname(sockets[i], (struct sockaddr *)address, &size);
		if (type == SOCK_STREAM)
			TRY(listen(sockets[i], CLIENTS));
	}
}

CASE(listeners_share_a_port)
{
	struct sockaddr_in address;
	int listeners[SHARING], clients[CLIENTS], count = 0, accepted;
	share(SOCK_STREAM, listeners, &address);
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(clients[i], (struct sockaddr *)&address, sizeof address) || send(clients[i], "a", 1, 0) != 1)
			printf("not connected: %s\n", error_name(errno));
	}
	for (int i = 0; i < SHARING; i++)
		for (char byte; (accepted = accept(listeners[i], NULL, NULL)) >= 0; close(accepted))
			count += recv(accepted, &byte, 1, 0) == 1 && byte == 'a';
	printf("%d connections\n", count);
	TRY(close(listeners[0]));
	TRY(close(listeners[2]));
	for (int i = 0; i < 4; i++)
		TRY(connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address));
	for (count = 0; (accepted = accept(listeners[1], NULL, NULL)) >= 0; count++)
		;
	printf("%d connections\n", count);
	TRY(bind(made(SOCK_STREAM, SO_REUSEADDR), (struct sockaddr *)&address, sizeof address));
}

CASE(datagrams_of_a_shared_port)
{
	struct sockaddr_in address;
	int sockets[SHARING], count = 0;
	share(SOCK_DGRAM, sockets, &address);
	for (int i = 0; i < CLIENTS; i++)
		if (sendto(socket(AF_INET, SOCK_DGRAM, 0), "a", 1, 0, (struct sockaddr *)&address, sizeof address) != 1)
			printf("not sent: %s\n", error_name(errno));
	sleep_milliseconds(20);
	for (int i = 0; i < SHARING; i++)
		for (char byte; recv(sockets[i], &byte, 1, 0) == 1;)
			count++;
	printf("%d datagrams\n", count);
}

/* A connected socket that has sent a datagram to a port where nobody listens. */
static int refused(int family)
{
	struct sockaddr_in v4 = loopback();
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
	socklen_t size = family == AF_INET ? sizeof v4 : sizeof v6;
	int peer = socket(family, SOCK_DGRAM, 0), sender = socket(family, SOCK_DGRAM, 0);
	bind(peer, address, size);
	getsockname(peer, address, &size);
	connect(sender, address, size);
	close(peer);
	TRY(send(sender, "abc", 3, 0));
	sleep_milliseconds(20);
	return sender;
}

CASE(nobody_takes_and_receiving_tells)
{
	char byte;
	int sender = refused(AF_INET);
	TRY(recv(sender, &byte, 1, MSG_DONTWAIT));
	TRY(recv(sender, &byte, 1, MSG_DONTWAIT));
	TRY(send(sender, "abc", 3, 0));
	sleep_milliseconds(20);
	TRY(read(sender, &byte, 1));
}

CASE(nobody_takes_and_poll_tells)
{
	int sender = refused(AF_INET), error = 0;
	socklen_t size = sizeof error;
	await(sender, POLLIN);
	await(sender, POLLOUT);
	TRY(getsockopt(sender, SOL_SOCKET, SO_ERROR, &error, &size));
	puts(error_name(error));
	TRY(getsockopt(sender, SOL_SOCKET, SO_ERROR, &error, &size));
	printf("%d\n", error);
	await(sender, POLLOUT);
}

CASE(nobody_takes_of_ipv6)
{
	char byte;
	int sender = refused(AF_INET6);
	TRY(send(sender, "abc", 3, 0));
	TRY(send(sender, "abc", 3, 0));
	sleep_milliseconds(20);
	TRY(recv(sender, &byte, 1, 0));
}

CASE(nobody_takes_and_a_socket_without_a_peer_hears_nothing)
{
	struct sockaddr_in to;
	int peer = bound(SOCK_DGRAM, &to), sender = socket(AF_INET, SOCK_DGRAM, 0);
	close(peer);
	TRY(sendto(sender, "abc", 3, 0, (struct sockaddr *)&to, sizeof to));
	sleep_milliseconds(20);
	TRY(sendto(sender, "abc", 3, 0, (struct sockaddr *)&to, sizeof to));
}
