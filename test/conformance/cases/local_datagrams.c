/* Local sockets of datagrams, and names that are made up: unix(7). */
#include "sockets.h"
#include <pthread.h>
#include <stddef.h>
#include <sys/un.h>

static char bytes[1 << 16];

static struct sockaddr_un named(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(address.sun_path, path);
	return address;
}

static int made(const char *path)
{
	struct sockaddr_un address = named(path);
	int descriptor = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (*path && bind(descriptor, (struct sockaddr *)&address, sizeof address))
		printf("not bound: %s\n", error_name(errno));
	return descriptor;
}

static int connect_to(int descriptor, const char *path)
{
	struct sockaddr_un address = named(path);
	return connect(descriptor, (struct sockaddr *)&address, sizeof address);
}

static long send_to(int descriptor, const char *path, const char *text)
{
	struct sockaddr_un address = named(path);
	return sendto(descriptor, text, strlen(text), MSG_DONTWAIT, (struct sockaddr *)&address, sizeof address);
}

static void receive(int descriptor)
{
	struct sockaddr_un from = {.sun_path = "none"};
	socklen_t size = sizeof from;
	memset(bytes, 0, 100);
	TRY(recvfrom(descriptor, bytes, 99, MSG_DONTWAIT, (struct sockaddr *)&from, &size));
	printf("\"%s\" from %s, %u\n", bytes, size > offsetof(struct sockaddr_un, sun_path) ? from.sun_path : "nobody", size);
}

CASE(local_datagrams_are_sent_to_names)
{
	int one = made("one"), two = made("two"), nobody = made("");
	struct stat status;
	TRY(send_to(one, "two", "first"));
	TRY(send_to(nobody, "two", "second"));
	TRY(send_to(one, "two", ""));
	receive(two);
	receive(two);
	receive(two);
	TRY(recv(two, bytes, 100, MSG_DONTWAIT));
	TRY(stat("two", &status));
	CHECK(S_ISSOCK(status.st_mode));
	TRY(send(one, "a", 1, 0));
	TRY(write(one, "a", 1));
	TRY(send_to(one, "none", "a"));
	TRY(close(two));
	TRY(send_to(one, "two", "a"));
	make_file("file", "");
	TRY(send_to(one, "file", "a"));
	TRY(send_to(one, "one", "to myself"));
	receive(one);
	TRY(listen(one, 5));
	TRY(accept(one, NULL, NULL));
}

CASE(local_datagrams_of_connected_sockets)
{
	int one = made("one"), two = made("two"), third = made("third");
	struct sockaddr_un name;
	socklen_t size = sizeof name;
	TRY(getpeername(one, (struct sockaddr *)&name, &size));
	TRY(connect_to(one, "two"));
	TRY(getpeername(one, (struct sockaddr *)&name, &size));
	puts(name.sun_path);
	TRY(write(one, "abc", 3));
	receive(two);
	TRY(connect_to(two, "one"));
	TRY(send_to(third, "one", "other"));
	TRY(connect_to(third, "one"));
	TRY(send_to(one, "third", "elsewhere"));
	receive(third);
	TRY(write(two, "back", 4));
	receive(one);
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	TRY(connect(one, &none, sizeof none));
	TRY(write(one, "abc", 3));
	TRY(send_to(third, "one", "other"));
	receive(one);
}

CASE(local_datagrams_to_one_that_is_gone)
{
	int one = made("one"), two = made("two"), value;
	socklen_t size = sizeof value;
	TRY(connect_to(one, "two"));
	TRY(connect_to(two, "one"));
	TRY(write(two, "left", 4));
	TRY(close(two));
	await(one, POLLIN | POLLOUT);
	TRY(write(one, "a", 1));
	TRY(write(one, "a", 1));
	receive(one);
	TRY(recv(one, bytes, 1, MSG_DONTWAIT));
	TRY(getsockopt(one, SOL_SOCKET, SO_ERROR, &value, &size));
	printf("%d\n", value);
	TRY(connect_to(one, "two"));
}

CASE(local_datagrams_of_another_peer_are_lost)
{
	int one = made("one"), two = made("two");
	made("third");
	TRY(connect_to(one, "two"));
	TRY(connect_to(two, "one"));
	TRY(write(two, "lost", 4));
	TRY(connect_to(one, "third"));
	TRY(recv(one, bytes, 100, MSG_DONTWAIT));
	TRY(recv(two, bytes, 100, MSG_DONTWAIT));
	TRY(recv(two, bytes, 100, MSG_DONTWAIT));
}

CASE(local_datagrams_and_streams_are_apart)
{
	int stream = socket(AF_UNIX, SOCK_STREAM, 0);
	made("one");
	TRY(connect_to(stream, "one"));
	struct sockaddr_un address = named("stream");
	TRY(bind(stream, (struct sockaddr *)&address, sizeof address));
	TRY(listen(stream, 1));
	TRY(send_to(made(""), "stream", "a"));
	TRY(connect_to(made(""), "stream"));
}

CASE(local_datagrams_are_shut)
{
	int one = made("one"), two = made("two");
	TRY(connect_to(one, "two"));
	TRY(shutdown(two, SHUT_RD));
	TRY(write(one, "a", 1));
	TRY(shutdown(one, SHUT_WR));
	TRY(write(one, "a", 1));
	TRY(send_to(one, "one", "a"));
	TRY(recv(two, bytes, 1, 0));
}

static void *receive_soon(void *from)
{
	sleep_milliseconds(20);
	for (int left = 200; left; left--)
		if (recv(*(int *)from, bytes, 10, 0) != 9)
			puts("cut");
	return NULL;
}

CASE(local_datagrams_wait_for_room)
{
	static char many[9];
	int one = made("one"), two = made("two");
	pthread_t thread;
	struct sockaddr_un address = named("two");
	pthread_create(&thread, NULL, receive_soon, &two);
	for (int i = 0; i < 200; i++)
		if (sendto(one, many, sizeof many, 0, (struct sockaddr *)&address, sizeof address) != sizeof many)
			printf("%d %s\n", i, error_name(errno));
	pthread_join(thread, NULL);
}

CASE(local_pairs_of_datagrams_have_no_end)
{
	int ends[2];
	TRY(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	TRY(close(ends[1]));
	await(ends[0], POLLOUT);
	TRY(recv(ends[0], bytes, 1, MSG_DONTWAIT));
	TRY(send(ends[0], "a", 1, 0));
	TRY(send(ends[0], "a", 1, 0));
}

CASE(local_names_are_made_up)
{
	struct sockaddr_un one = {0}, two = {0};
	socklen_t size = sizeof one, other_size = sizeof two;
	int first = socket(AF_UNIX, SOCK_DGRAM, 0), second = socket(AF_UNIX, SOCK_STREAM, 0), third = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct sockaddr family = {.sa_family = AF_UNIX};
	TRY(bind(first, &family, sizeof family.sa_family));
	TRY(bind(second, &family, sizeof family.sa_family));
	TRY(getsockname(first, (struct sockaddr *)&one, &size));
	TRY(getsockname(second, (struct sockaddr *)&two, &other_size));
	printf("%u %u\n", size, other_size);
	CHECK(one.sun_path[0] == 0 && strspn(one.sun_path + 1, "0123456789abcdef") == 5);
	CHECK(memcmp(&one, &two, size) != 0);
	TRY(bind(first, &family, sizeof family.sa_family));
	TRY(sendto(third, "abc", 3, 0, (struct sockaddr *)&one, size));
	TRY(recv(first, bytes, 100, 0));
	TRY(listen(second, 1));
	TRY(connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&two, other_size));
	TRY(connect(third, &family, sizeof family.sa_family));
	two = named("path");
	TRY(bind(first, (struct sockaddr *)&two, sizeof two));
}

CASE(local_streams_tell_who_sent)
{
	struct sockaddr_un address = named("socket"), from;
	socklen_t size = sizeof from;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0), accepted;
	TRY(bind(listener, (struct sockaddr *)&address, sizeof address));
	TRY(listen(listener, 5));
	TRY(connect_to(client, "socket"));
	WORKS(accepted = accept(listener, NULL, NULL));
	TRY(write(accepted, "abc", 3));
	TRY(recvfrom(client, bytes, 100, 0, (struct sockaddr *)&from, &size));
	printf("%u %s\n", size, from.sun_path);
	TRY(write(client, "abc", 3));
	size = sizeof from;
	TRY(recvfrom(accepted, bytes, 100, 0, (struct sockaddr *)&from, &size));
	printf("%u\n", size);
}
