/* TCP over loopback: socket(2), connect(2), accept(2), shutdown(2), send(2), recv(2). */
#include "sockets.h"
#include <pthread.h>
#include <sys/sendfile.h>

static int client, server;
static char bytes[1 << 16];

CASE(stream_carries)
{
	connect_pair(&client, &server);
	TRY(write(client, "hello", 5));
	TRY(read(server, bytes, 100));
	printf("%.5s\n", bytes);
	TRY(send(server, "answer", 6, 0));
	TRY(recv(client, bytes, 3, MSG_WAITALL));
	TRY(recv(client, bytes, 100, 0));
	TRY(close(client));
	TRY(read(server, bytes, 100));
}

CASE(stream_has_addresses)
{
	struct sockaddr_in address, mine, peer;
	socklen_t size = sizeof peer;
	int listener = listening(&address);
	CHECK(address.sin_port != 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	TRY(getpeername(client, (struct sockaddr *)&peer, &size));
	TRY(connect(client, (struct sockaddr *)&address, sizeof address));
	TRY(getsockname(client, (struct sockaddr *)&mine, &size));
	server = accept(listener, (struct sockaddr *)&peer, &size);
	CHECK(peer.sin_port == mine.sin_port && peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	TRY(getpeername(client, (struct sockaddr *)&peer, &size));
	CHECK(peer.sin_port == address.sin_port);
	size = 4;
	TRY(getpeername(client, (struct sockaddr *)&peer, &size));
	printf("%u\n", size);
	TRY(getsockname(client, nowhere, &size));
	TRY(getsockname(client, (struct sockaddr *)&peer, nowhere));
	TRY(getsockname(0, (struct sockaddr *)&peer, &size));
}

CASE(stream_that_is_over_is_accepted)
{
	struct sockaddr_in address, mine, peer;
	socklen_t size = sizeof mine;
	int listener = listening(&address);
	client = socket(AF_INET, SOCK_STREAM, 0);
	TRY(connect(client, (struct sockaddr *)&address, sizeof address));
	TRY(getsockname(client, (struct sockaddr *)&mine, &size));
	TRY(setsockopt(client, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger)));
	TRY(close(client));
	server = (int)WORKS(accept(listener, (struct sockaddr *)&peer, &size));
	CHECK(size == sizeof peer && peer.sin_port == mine.sin_port && peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	TRY(getpeername(server, (struct sockaddr *)&peer, &size));
	TRY(read(server, bytes, 10));
}

CASE(stream_is_refused)
{
	struct sockaddr_in address;
	close(listening(&address));
	client = socket(AF_INET, SOCK_STREAM, 0);
	TRY(connect(client, (struct sockaddr *)&address, sizeof address));
	int value = -1;
	socklen_t size = sizeof value;
	TRY(getsockopt(client, SOL_SOCKET, SO_ERROR, &value, &size));
	printf("%d\n", value);
}

CASE(stream_connects_without_waiting)
{
	struct sockaddr_in address;
	int value = -1, listener = listening(&address);
	socklen_t size = sizeof value;
	client = (int)TRY(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
	TRY(fcntl(client, F_GETFD));
	int result = connect(client, (struct sockaddr *)&address, sizeof address);
	CHECK(!result || errno == EINPROGRESS);
	await(client, POLLOUT);
	TRY(getsockopt(client, SOL_SOCKET, SO_ERROR, &value, &size));
	printf("%d\n", value);
	server = (int)TRY(accept(listener, NULL, NULL));
	TRY(write(client, "a", 1));
	TRY(read(server, bytes, 10));
}

CASE(stream_is_refused_without_waiting)
{
	struct sockaddr_in address;
	int value = -1;
	socklen_t size = sizeof value;
	close(listening(&address));
	client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int result = connect(client, (struct sockaddr *)&address, sizeof address);
	CHECK(result == -1 && (errno == EINPROGRESS || errno == ECONNREFUSED));
	struct pollfd polled = {.fd = client, .events = POLLOUT};
	TRY(poll(&polled, 1, 3000));
	CHECK(polled.revents & POLLHUP && polled.revents & POLLOUT);
	TRY(getsockopt(client, SOL_SOCKET, SO_ERROR, &value, &size));
	CHECK(value == ECONNREFUSED || value == 0);
}

CASE(stream_accepts_without_waiting)
{
	struct sockaddr_in address;
	int listener = listening(&address);
	fcntl(listener, F_SETFL, O_NONBLOCK);
	TRY(accept(listener, NULL, NULL));
	client = socket(AF_INET, SOCK_STREAM, 0);
	TRY(connect(client, (struct sockaddr *)&address, sizeof address));
	await(listener, POLLIN);
	server = (int)TRY(accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
	CHECK(fcntl(server, F_GETFL) & O_NONBLOCK);
	TRY(fcntl(server, F_GETFD));
	TRY(read(server, bytes, 10));
	TRY(syscall(SYS_accept4, listener, NULL, NULL, 99));
}

CASE(stream_accepted_is_blocking)
{
	struct sockaddr_in address;
	int listener = listening(&address);
	client = socket(AF_INET, SOCK_STREAM, 0);
	connect(client, (struct sockaddr *)&address, sizeof address);
	fcntl(listener, F_SETFL, O_NONBLOCK);
	await(listener, POLLIN);
	server = accept(listener, NULL, NULL);
	CHECK(!(fcntl(server, F_GETFL) & O_NONBLOCK));
}

CASE(stream_shutdown_of_writing)
{
	connect_pair(&client, &server);
	TRY(write(client, "last", 4));
	TRY(shutdown(client, SHUT_WR));
	signal(SIGPIPE, SIG_IGN);
	TRY(write(client, "a", 1));
	TRY(read(server, bytes, 100));
	TRY(read(server, bytes, 100));
	await(server, POLLIN | POLLRDHUP);
	TRY(write(server, "back", 4));
	TRY(read(client, bytes, 100));
	TRY(shutdown(server, SHUT_RDWR));
	TRY(read(client, bytes, 100));
	TRY(shutdown(client, 99));
	TRY(shutdown(0, SHUT_RD));
	TRY(shutdown(socket(AF_INET, SOCK_STREAM, 0), SHUT_RDWR));
}

CASE(stream_shutdown_of_reading)
{
	connect_pair(&client, &server);
	TRY(shutdown(client, SHUT_RD));
	TRY(read(client, bytes, 100));
	TRY(write(client, "a", 1));
	TRY(read(server, bytes, 100));
}

CASE(stream_broken_pipe_signals)
{
	connect_pair(&client, &server);
	TRY(shutdown(client, SHUT_WR));
	count_signal(SIGPIPE, 0);
	TRY(write(client, "a", 1));
	printf("%d\n", handled);
	TRY(send(client, "a", 1, MSG_NOSIGNAL));
	printf("%d\n", handled);
}

CASE(stream_reset_by_the_peer)
{
	struct linger now = {1, 0};
	connect_pair(&client, &server);
	TRY(setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof now));
	TRY(close(client));
	await(server, POLLIN);
	TRY(read(server, bytes, 100));
	TRY(read(server, bytes, 100));
	TRY(send(server, "a", 1, MSG_NOSIGNAL));
}

CASE(stream_reset_by_unread_data)
{
	connect_pair(&client, &server);
	TRY(write(client, "unread", 6));
	await(server, POLLIN);
	TRY(close(server));
	await(client, POLLIN);
	TRY(read(client, bytes, 100));
}

CASE(stream_peeks)
{
	connect_pair(&client, &server);
	TRY(write(client, "hello", 5));
	await(server, POLLIN);
	TRY(recv(server, bytes, 3, MSG_PEEK));
	TRY(recv(server, bytes, 100, MSG_PEEK));
	int count = 0;
	TRY(ioctl(server, FIONREAD, &count));
	printf("%d\n", count);
	TRY(recv(server, bytes, 100, 0));
	TRY(recv(server, bytes, 100, MSG_DONTWAIT));
	TRY(recv(server, bytes, 100, MSG_PEEK | MSG_DONTWAIT));
}

static void *send_in_parts(void *argument)
{
	for (int i = 0; i < 4; i++) {
		sleep_milliseconds(10);
		send(client, "part", 4, 0);
	}
	return argument;
}

CASE(stream_waits_for_all)
{
	pthread_t thread;
	connect_pair(&client, &server);
	pthread_create(&thread, NULL, send_in_parts, NULL);
	TRY(recv(server, bytes, 16, MSG_WAITALL));
	printf("%.16s\n", bytes);
	pthread_join(thread, NULL);
}

CASE(stream_receive_times_out)
{
	struct timeval soon = {0, 30000}, told;
	socklen_t size = sizeof told;
	connect_pair(&client, &server);
	TRY(setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon));
	TRY(getsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &told, &size));
	CHECK(told.tv_sec == 0 && labs((long)told.tv_usec - 30000) <= 10000);
	long before = milliseconds_now();
	TRY(recv(server, bytes, 10, 0));
	CHECK(milliseconds_now() - before >= 25);
}

CASE(stream_is_filled)
{
	long sent = 0, part, got = 0;
	connect_pair(&client, &server);
	fcntl(client, F_SETFL, O_NONBLOCK);
	while ((part = write(client, bytes, sizeof bytes)) > 0)
		sent += part;
	printf("%s\n", error_name(errno));
	CHECK(sent > 4096);
	struct pollfd polled = {.fd = client, .events = POLLOUT};
	shutdown(client, SHUT_WR);
	while ((part = read(server, bytes, sizeof bytes)) > 0)
		got += part;
	CHECK(got == sent);
	TRY(poll(&polled, 1, 0));
}

static void *send_much(void *argument)
{
	for (int i = 0; i < 32; i++)
		if (send(client, bytes, sizeof bytes, 0) != sizeof bytes)
			printf("not all was sent: %s\n", error_name(errno));
	close(client);
	return argument;
}

CASE(stream_carries_much)
{
	static char got[1 << 15];
	pthread_t thread;
	long all = 0, part;
	connect_pair(&client, &server);
	pthread_create(&thread, NULL, send_much, NULL);
	while ((part = recv(server, got, sizeof got, 0)) > 0)
		all += part;
	printf("%ld\n", all);
	pthread_join(thread, NULL);
}

CASE(stream_with_vectors)
{
	char one[4] = "", two[8] = "";
	struct iovec out[2] = {{"abc", 3}, {"defgh", 5}}, in[2] = {{one, 3}, {two, 7}};
	struct msghdr message = {.msg_iov = out, .msg_iovlen = 2};
	connect_pair(&client, &server);
	TRY(sendmsg(client, &message, 0));
	await(server, POLLIN);
	message = (struct msghdr){.msg_iov = in, .msg_iovlen = 2};
	TRY(recvmsg(server, &message, 0));
	printf("%s %s %x\n", one, two, message.msg_flags);
	TRY(writev(server, out, 2));
	await(client, POLLIN);
	TRY(readv(client, in, 2));
	TRY(syscall(SYS_sendmsg, client, nowhere, 0));
	TRY(syscall(SYS_recvmsg, client, nowhere, MSG_DONTWAIT));
}

CASE(stream_takes_a_file)
{
	int file = make_file("file", "0123456789");
	off_t offset = 3;
	connect_pair(&client, &server);
	TRY(sendfile(client, file, &offset, 4));
	TRY(recv(server, bytes, 4, MSG_WAITALL));
	printf("%.4s %ld\n", bytes, (long)offset);
}

CASE(stream_refuses)
{
	struct sockaddr_in address = loopback();
	int made = socket(AF_INET, SOCK_STREAM, 0), listener = listening(&address);
	TRY(read(made, bytes, 10));
	TRY(send(made, "a", 1, MSG_NOSIGNAL));
	TRY(accept(made, NULL, NULL));
	TRY(accept(0, NULL, NULL));
	TRY(accept(99, NULL, NULL));
	TRY(listen(0, 5));
	TRY(bind(0, (struct sockaddr *)&address, sizeof address));
	TRY(bind(made, (struct sockaddr *)&address, sizeof address));
	TRY(bind(made, (struct sockaddr *)&address, 4));
	TRY(bind(made, nowhere, sizeof address));
	TRY(connect(made, (struct sockaddr *)&address, 4));
	TRY(connect(made, nowhere, sizeof address));
	TRY(connect(made, (struct sockaddr *)&address, sizeof address));
	TRY(connect(made, (struct sockaddr *)&address, sizeof address));
	TRY(lseek(made, 0, SEEK_SET));
	TRY(pread(made, bytes, 1, 0));
	TRY(send(made, nowhere, 1, MSG_NOSIGNAL));
	TRY(recv(listener, bytes, 1, 0));
	address.sin_addr.s_addr = htonl(0x08080808);
	address.sin_port = 0;
	TRY(bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address));
	struct stat status;
	TRY(fstat(made, &status));
	printf("%o\n", status.st_mode & S_IFMT);
}

CASE(stream_over_ipv6)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}, peer;
	socklen_t size = sizeof address;
	int listener = (int)WORKS(socket(AF_INET6, SOCK_STREAM, 0));
	TRY(bind(listener, (struct sockaddr *)&address, sizeof address));
	TRY(listen(listener, 5));
	TRY(getsockname(listener, (struct sockaddr *)&address, &size));
	client = socket(AF_INET6, SOCK_STREAM, 0);
	TRY(connect(client, (struct sockaddr *)&address, sizeof address));
	server = accept(listener, (struct sockaddr *)&peer, &size);
	CHECK(IN6_IS_ADDR_LOOPBACK(&peer.sin6_addr) && size == sizeof peer);
	TRY(write(client, "six", 3));
	TRY(read(server, bytes, 100));
}

CASE(stream_is_acknowledged_while_its_program_waits)
{
	connect_pair(&client, &server);
	struct pollfd wait = {server, POLLIN, 0};
	for (int times = 0; times < 6; times++) {
		TRY(write(client, "a", 1));
		TRY(write(client, "b", 1)); /* Nagle's algorithm keeps it until the other is acknowledged */
		TRY(read(server, bytes, 1));
		TRY(poll(&wait, 1, 100));
		TRY(read(server, bytes, 1));
	}
}

CASE(stream_of_both_families)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6}, peer;
	socklen_t size = sizeof address;
	int listener = socket(AF_INET6, SOCK_STREAM, 0), off = 0;
	TRY(setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off));
	TRY(bind(listener, (struct sockaddr *)&address, sizeof address));
	TRY(listen(listener, 5));
	TRY(getsockname(listener, (struct sockaddr *)&address, &size));
	struct sockaddr_in to = loopback();
	to.sin_port = address.sin6_port;
	client = socket(AF_INET, SOCK_STREAM, 0);
	TRY(connect(client, (struct sockaddr *)&to, sizeof to));
	server = accept(listener, (struct sockaddr *)&peer, &size);
	CHECK(IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr));
}

CASE(sockets_that_there_are)
{
	WORKS(socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
	WORKS(socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP));
	WORKS(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
	WORKS(socket(99, SOCK_STREAM, 0));
	WORKS(socket(AF_INET, 99, 0));
	WORKS(socket(AF_INET, SOCK_SEQPACKET, 0));
	WORKS(socket(AF_INET, SOCK_STREAM | 0x10000, 0));
}
