/* Moving bytes through pipes: splice(2), tee(2), vmsplice(2). */
#include "case.h"
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/uio.h>

static int ends[2], others[2];
static char bytes[1 << 17];

/* Prints what is in the pipe, and takes it out. */
static void print_pipe(int reader)
{
	struct pollfd polled = {.fd = reader, .events = POLLIN};
	while (poll(&polled, 1, 0) == 1 && polled.revents & POLLIN) {
		long size = read(reader, bytes, 64);
		printf("\"%.*s\"\n", (int)size, bytes);
	}
}

CASE(splice_between_a_pipe_and_a_file)
{
	int file = make_file("file", "0123456789");
	off_t at = 2;
	TRY(pipe(ends));
	TRY(lseek(file, 0, SEEK_SET));
	TRY(splice(file, NULL, ends[1], NULL, 3, 0));
	TRY(lseek(file, 0, SEEK_CUR));
	print_pipe(ends[0]);
	TRY(splice(file, &at, ends[1], NULL, 4, SPLICE_F_MOVE | SPLICE_F_MORE));
	printf("%ld\n", (long)at);
	TRY(lseek(file, 0, SEEK_CUR));
	at = 8;
	TRY(splice(ends[0], NULL, file, &at, 100, 0));
	printf("%ld\n", (long)at);
	TRY(lseek(file, 0, SEEK_CUR));
	print_content(file);
	TRY(lseek(file, 0, SEEK_END));
	TRY(splice(file, NULL, ends[1], NULL, 3, 0));
	TRY(write(ends[1], "abc", 3));
	TRY(splice(ends[0], NULL, file, NULL, 2, 0));
	TRY(lseek(file, 0, SEEK_CUR));
	print_content(file);
	print_pipe(ends[0]);
}

CASE(splice_between_pipes)
{
	TRY(pipe(ends));
	TRY(pipe(others));
	TRY(write(ends[1], "abcdef", 6));
	TRY(splice(ends[0], NULL, others[1], NULL, 4, 0));
	print_pipe(others[0]);
	TRY(splice(ends[0], NULL, others[1], NULL, 100, 0));
	print_pipe(others[0]);
	TRY(splice(ends[0], NULL, others[1], NULL, 1, SPLICE_F_NONBLOCK));
	TRY(close(ends[1]));
	TRY(splice(ends[0], NULL, others[1], NULL, 1, 0));
}

CASE(splice_between_a_pipe_and_a_socket)
{
	int pair[2];
	TRY(pipe(ends));
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	TRY(splice(pair[1], NULL, ends[1], NULL, 10, SPLICE_F_NONBLOCK));
	TRY(write(pair[0], "request", 7));
	TRY(splice(pair[1], NULL, ends[1], NULL, 100, 0));
	TRY(splice(ends[0], NULL, pair[1], NULL, 100, 0));
	TRY(read(pair[0], bytes, 100));
	TRY(close(pair[0]));
	TRY(splice(pair[1], NULL, ends[1], NULL, 1, 0));
	TRY(write(ends[1], "a", 1));
	count_signal(SIGPIPE, 0);
	TRY(splice(ends[0], NULL, pair[1], NULL, 1, 0));
	printf("%d\n", handled);
}

CASE(splice_of_what_it_cannot_take)
{
	int file = make_file("file", "abc"), end = open("file", O_WRONLY | O_APPEND), reader = open("file", O_RDONLY);
	off_t at = 0, before = -1;
	TRY(pipe(ends));
	TRY(pipe(others));
	TRY(write(ends[1], "abc", 3));
	TRY(splice(ends[0], NULL, ends[1], NULL, 1, 0));
	TRY(splice(ends[0], &at, file, NULL, 1, 0));
	TRY(splice(file, NULL, ends[1], &at, 1, 0));
	TRY(splice(ends[0], NULL, end, NULL, 1, 0));
	TRY(splice(ends[0], NULL, reader, NULL, 1, 0));
	TRY(splice(end, NULL, ends[1], NULL, 1, 0));
	TRY(splice(ends[0], NULL, file, nowhere, 1, 0));
	TRY(splice(ends[0], NULL, file, &before, 1, 0));
	TRY(splice(file, &before, ends[1], NULL, 1, 0));
	print_pipe(ends[0]);
}

CASE(splice_into_a_full_pipe)
{
	int file = make_file("file", "abc");
	TRY(pipe2(ends, O_NONBLOCK));
	while (write(ends[1], bytes, PAGE) > 0)
		;
	TRY(splice(file, NULL, ends[1], NULL, 1, 0));
	TRY(fcntl(ends[1], F_SETFL, 0));
	TRY(splice(file, NULL, ends[1], NULL, 1, SPLICE_F_NONBLOCK));
	TRY(close(ends[0]));
	count_signal(SIGPIPE, 0);
	TRY(splice(file, NULL, ends[1], NULL, 1, 0));
	printf("%d\n", handled);
}

static void *write_later(void *argument)
{
	(void)argument;
	sleep_milliseconds(20);
	return (void *)write(ends[1], "later", 5);
}

CASE(splice_waits_for_a_writer)
{
	int file = make_file("file", "");
	pthread_t thread;
	TRY(pipe(ends));
	TRY(pthread_create(&thread, NULL, write_later, NULL));
	TRY(splice(ends[0], NULL, file, NULL, 5, 0));
	TRY(pthread_join(thread, NULL));
	print_content(file);
}

CASE(tee_leaves_what_it_copies)
{
	TRY(pipe(ends));
	TRY(pipe(others));
	TRY(write(ends[1], "abcdef", 6));
	TRY(tee(ends[0], others[1], 4, 0));
	TRY(tee(ends[0], others[1], 100, 0));
	print_pipe(others[0]);
	print_pipe(ends[0]);
	TRY(tee(ends[0], others[1], 1, SPLICE_F_NONBLOCK));
	TRY(close(ends[1]));
	TRY(tee(ends[0], others[1], 1, 0));
}

CASE(tee_refuses)
{
	int file = make_file("file", "abc");
	TRY(pipe(ends));
	TRY(tee(ends[0], ends[1], 1, 0));
	TRY(tee(file, ends[1], 1, 0));
	TRY(tee(ends[0], file, 1, 0));
	TRY(tee(ends[1], ends[1], 1, 0));
	TRY(tee(99, ends[1], 1, 0));
	TRY(tee(99, 99, 0, 0));
	TRY(tee(99, 99, 0, 16));
}

CASE(vmsplice_both_ways)
{
	char first[4] = "", second[8] = "";
	struct iovec from[] = {{"abc", 3}, {"", 0}, {"defg", 4}}, to[] = {{first, 2}, {second, 8}};
	TRY(pipe(ends));
	TRY(vmsplice(ends[1], from, 3, 0));
	TRY(vmsplice(ends[0], to, 2, 0));
	printf("%s %s\n", first, second);
	TRY(vmsplice(ends[0], to, 2, SPLICE_F_NONBLOCK));
	TRY(vmsplice(ends[0], to, 0, 0));
	TRY(vmsplice(ends[0], to + 1, 1, 16));
	TRY(vmsplice(ends[1], from, 1025, 0));
	TRY(vmsplice(99, from, 1, 0));
	TRY(vmsplice(make_file("file", ""), from, 1, 0));
	TRY(close(ends[1]));
	TRY(vmsplice(ends[0], to, 2, 0));
}

CASE(vmsplice_without_readers)
{
	struct iovec from = {"abc", 3};
	TRY(pipe(ends));
	TRY(close(ends[0]));
	count_signal(SIGPIPE, 0);
	TRY(vmsplice(ends[1], &from, 1, 0));
	printf("%d\n", handled);
}
