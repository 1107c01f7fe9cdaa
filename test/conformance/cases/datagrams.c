/* UDP over loopback, and pairs of local sockets: sendto(2), recvfrom(2), recvmsg(2), socketpair(2). */
#include "sockets.h"

static char bytes[1 << 16];

static void pair(int *one, int *two, struct sockaddr_in *one_address, struct sockaddr_in *two_address)
{
	*one = bound(SOCK_DGRAM, one_address);
	*two = bound(SOCK_DGRAM, two_address);
}

CASE(datagrams_keep_their_bounds)
{
	struct sockaddr_in from, to, peer;
	socklen_t size = sizeof peer;
	int one, two;
	pair(&one, &two, &from, &to);
	TRY(sendto(one, "first", 5, 0, (struct sockaddr *)&to, sizeof to));
	TRY(sendto(one, "second", 6, 0, (struct sockaddr *)&to, sizeof to));
	TRY(sendto(one, "", 0, 0, (struct sockaddr *)&to, sizeof to));
	TRY(recvfrom(two, bytes, 100, 0, (struct sockaddr *)&peer, &size));
	CHECK(peer.sin_port == from.sin_port && size == sizeof peer);
	TRY(recvfrom(two, bytes, 3, 0, NULL, NULL));
	TRY(recvfrom(two, bytes, 100, 0, NULL, NULL));
	TRY(recvfrom(two, bytes, 100, MSG_DONTWAIT, NULL, NULL));
}

CASE(datagrams_are_cut)
{
	struct sockaddr_in from, to;
	int one, two;
	pair(&one, &two, &from, &to);
	struct iovec part = {bytes, 3};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	TRY(sendto(one, "first", 5, 0, (struct sockaddr *)&to, sizeof to));
	TRY(recvmsg(two, &message, MSG_PEEK));
	printf("%d\n", !!(message.msg_flags & MSG_TRUNC));
	TRY(recv(two, bytes, 3, MSG_TRUNC));
	TRY(sendto(one, "first", 5, 0, (struct sockaddr *)&to, sizeof to));
	TRY(recv(two, bytes, 100, MSG_PEEK));
	TRY(recv(two, bytes, 100, 0));
}

CASE(datagrams_of_connected_sockets)
{
	struct sockaddr_in from, to, peer, third_address;
	socklen_t size = sizeof peer;
	int one, two, third = bound(SOCK_DGRAM, &third_address);
	pair(&one, &two, &from, &to);
	TRY(send(one, "a", 1, 0));
	TRY(getpeername(one, (struct sockaddr *)&peer, &size));
	TRY(connect(one, (struct sockaddr *)&to, sizeof to));
	TRY(getpeername(one, (struct sockaddr *)&peer, &size));
	CHECK(peer.sin_port == to.sin_port);
	TRY(send(one, "abc", 3, 0));
	TRY(read(two, bytes, 100));
	TRY(sendto(third, "other", 5, 0, (struct sockaddr *)&from, sizeof from));
	TRY(recv(one, bytes, 100, MSG_DONTWAIT));
	TRY(sendto(two, "right", 5, 0, (struct sockaddr *)&from, sizeof from));
	TRY(recv(one, bytes, 100, 0));
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	TRY(connect(one, &none, sizeof none));
	TRY(getpeername(one, (struct sockaddr *)&peer, &size));
}

CASE(datagrams_nobody_takes)
{
	struct sockaddr_in from, to;
	int one, two;
	pair(&one, &two, &from, &to);
	TRY(connect(one, (struct sockaddr *)&to, sizeof to));
	TRY(close(two));
	TRY(send(one, "a", 1, 0));
	sleep_milliseconds(20);
	TRY(send(one, "a", 1, 0));
}

CASE(datagrams_refuse)
{
	struct sockaddr_in from, to;
	int one, two;
	pair(&one, &two, &from, &to);
	TRY(sendto(one, bytes, 65535, 0, (struct sockaddr *)&to, sizeof to));
	TRY(sendto(one, bytes, 1, 0, (struct sockaddr *)&to, 4));
	TRY(sendto(one, nowhere, 1, 0, (struct sockaddr *)&to, sizeof to));
	TRY(sendto(one, bytes, 1, 0, nowhere, sizeof to));
	TRY(listen(one, 5));
	TRY(accept(one, NULL, NULL));
	TRY(recv(two, bytes, 1, MSG_DONTWAIT));
	TRY(sendto(one, "a", 1, 0, (struct sockaddr *)&to, sizeof to));
	await(two, POLLIN);
	TRY(recv(two, nowhere, 1, MSG_DONTWAIT));
	TRY(sendto(99, bytes, 1, 0, NULL, 0));
	TRY(sendto(0, bytes, 1, 0, NULL, 0));
}

CASE(large_datagram)
{
	struct sockaddr_in from, to;
	int one, two;
	pair(&one, &two, &from, &to);
	memset(bytes, 'x', 9000);
	TRY(sendto(one, bytes, 9000, 0, (struct sockaddr *)&to, sizeof to));
	await(two, POLLIN);
	TRY(recv(two, bytes, sizeof bytes, 0));
}

CASE(datagrams_are_polled)
{
	struct sockaddr_in from, to;
	int one, two, count;
	pair(&one, &two, &from, &to);
	struct pollfd polled = {.fd = two, .events = POLLIN | POLLOUT};
	TRY(poll(&polled, 1, 0));
	printf("%x\n", polled.revents);
	TRY(sendto(one, "abc", 3, 0, (struct sockaddr *)&to, sizeof to));
	await(two, POLLIN | POLLOUT);
	TRY(ioctl(two, FIONREAD, &count));
	printf("%d\n", count);
}

CASE(many_messages_in_one_call)
{
	struct sockaddr_in from, to;
	int one, two;
	pair(&one, &two, &from, &to);
	connect(one, (struct sockaddr *)&to, sizeof to);
	struct iovec parts[2] = {{"abc", 3}, {"defg", 4}}, in[3] = {{bytes, 10}, {bytes + 10, 10}, {bytes + 20, 10}};
	struct mmsghdr out[2] = {{.msg_hdr = {.msg_iov = &parts[0], .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &parts[1], .msg_iovlen = 1}}};
	struct mmsghdr got[3] = {{.msg_hdr = {.msg_iov = &in[0], .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &in[1], .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &in[2], .msg_iovlen = 1}}};
	TRY(sendmmsg(one, out, 2, 0));
	printf("%u %u\n", out[0].msg_len, out[1].msg_len);
	sleep_milliseconds(20);
	TRY(recvmmsg(two, got, 3, MSG_DONTWAIT, NULL));
	printf("%u %u\n", got[0].msg_len, got[1].msg_len);
}

CASE(socketpair_of_streams)
{
	int ends[2];
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	TRY(write(ends[0], "hello", 5));
	TRY(write(ends[0], "!", 1));
	TRY(recv(ends[1], bytes, 3, MSG_PEEK));
	TRY(read(ends[1], bytes, 100));
	TRY(shutdown(ends[0], SHUT_WR));
	TRY(read(ends[1], bytes, 100));
	TRY(write(ends[1], "back", 4));
	TRY(read(ends[0], bytes, 100));
	TRY(close(ends[0]));
	TRY(send(ends[1], "a", 1, MSG_NOSIGNAL));
	count_signal(SIGPIPE, 0);
	TRY(write(ends[1], "a", 1));
	printf("%d\n", handled);
}

CASE(socketpair_of_datagrams)
{
	int ends[2];
	TRY(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends));
	TRY(write(ends[0], "hello", 5));
	TRY(write(ends[0], "!", 1));
	TRY(read(ends[1], bytes, 3));
	TRY(read(ends[1], bytes, 100));
	TRY(read(ends[1], bytes, 100));
	TRY(close(ends[0]));
	TRY(send(ends[1], "a", 1, MSG_NOSIGNAL));
}

CASE(socketpair_refuses)
{
	int ends[2];
	TRY(socketpair(AF_INET, SOCK_STREAM, 0, ends));
	TRY(socketpair(99, SOCK_STREAM, 0, ends));
	TRY(socketpair(AF_UNIX, 99, 0, ends));
	TRY(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, nowhere));
}

CASE(options_are_kept)
{
	static const struct { const char *name; int level, option; } options[] = {
		{"REUSEADDR", SOL_SOCKET, SO_REUSEADDR}, {"KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE}, {"REUSEPORT", SOL_SOCKET, SO_REUSEPORT},
		{"NODELAY", IPPROTO_TCP, TCP_NODELAY}, {"KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE}, {"KEEPINTVL", IPPROTO_TCP, TCP_KEEPINTVL},
		{"KEEPCNT", IPPROTO_TCP, TCP_KEEPCNT}, {"BROADCAST", SOL_SOCKET, SO_BROADCAST}, {"CORK", IPPROTO_TCP, TCP_CORK},
	};
	int made = socket(AF_INET, SOCK_STREAM, 0), value;
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		socklen_t size = sizeof value;
		value = 1;
		long set = setsockopt(made, options[i].level, options[i].option, &value, sizeof value);
		value = 77;
		long got = getsockopt(made, options[i].level, options[i].option, &value, &size);
		printf("%s: %ld %ld %d %u\n", options[i].name, set, got, value, size);
	}
}

CASE(options_that_tell)
{
	static const int options[] = {SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ERROR, SO_ACCEPTCONN};
	int kinds[2] = {socket(AF_INET, SOCK_STREAM, 0), socket(AF_INET, SOCK_DGRAM, 0)};
	for (int kind = 0; kind < 2; kind++)
		for (int i = 0; i < 5; i++) {
			int value = -1;
			socklen_t size = sizeof value;
			long result = getsockopt(kinds[kind], SOL_SOCKET, options[i], &value, &size);
			printf("%d %d: %ld %d\n", kind, i, result, value);
		}
	struct sockaddr_in address;
	int value = -1;
	socklen_t size = sizeof value;
	TRY(getsockopt(listening(&address), SOL_SOCKET, SO_ACCEPTCONN, &value, &size));
	printf("%d\n", value);
}

CASE(options_refuse)
{
	int made = socket(AF_INET, SOCK_STREAM, 0), value = 1;
	socklen_t size = sizeof value;
	TRY(setsockopt(made, SOL_SOCKET, 9999, &value, sizeof value));
	TRY(getsockopt(made, SOL_SOCKET, 9999, &value, &size));
	TRY(setsockopt(made, IPPROTO_TCP, 9999, &value, sizeof value));
	TRY(setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &value, 1));
	TRY(setsockopt(made, SOL_SOCKET, SO_REUSEADDR, nowhere, sizeof value));
	TRY(getsockopt(made, SOL_SOCKET, SO_REUSEADDR, nowhere, &size));
	TRY(getsockopt(made, SOL_SOCKET, SO_REUSEADDR, &value, nowhere));
	TRY(setsockopt(0, SOL_SOCKET, SO_REUSEADDR, &value, sizeof value));
	TRY(setsockopt(99, SOL_SOCKET, SO_REUSEADDR, &value, sizeof value));
	size = 1;
	TRY(getsockopt(made, SOL_SOCKET, SO_REUSEADDR, &value, &size));
	printf("%u\n", size);
}

CASE(linger_is_kept)
{
	struct linger linger = {1, 5}, told = {0, 0};
	socklen_t size = sizeof told;
	int made = socket(AF_INET, SOCK_STREAM, 0);
	TRY(setsockopt(made, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
	TRY(getsockopt(made, SOL_SOCKET, SO_LINGER, &told, &size));
	printf("%d %d\n", told.l_onoff, told.l_linger);
	TRY(setsockopt(made, SOL_SOCKET, SO_LINGER, &linger, 4));
}

CASE(buffers_have_sizes)
{
	int made = socket(AF_INET, SOCK_STREAM, 0), value = 32768;
	socklen_t size = sizeof value;
	TRY(setsockopt(made, SOL_SOCKET, SO_RCVBUF, &value, sizeof value));
	TRY(setsockopt(made, SOL_SOCKET, SO_SNDBUF, &value, sizeof value));
	TRY(getsockopt(made, SOL_SOCKET, SO_RCVBUF, &value, &size));
	CHECK(value > 0);
	TRY(getsockopt(made, SOL_SOCKET, SO_SNDBUF, &value, &size));
	CHECK(value > 0);
}
