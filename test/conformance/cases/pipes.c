/* Pipes: pipe(2), pipe(7). */
#include "case.h"
#include <poll.h>
#include <pthread.h>
#include <sys/uio.h>

static int ends[2];
static char bytes[1 << 17];

CASE(pipe_carries)
{
	TRY(pipe(ends));
	printf("%d %d\n", ends[0], ends[1]);
	TRY(write(ends[1], "abc", 3));
	TRY(write(ends[1], "def", 3));
	memset(bytes, 0, 8);
	TRY(read(ends[0], bytes, 4));
	puts(bytes);
	TRY(read(ends[0], bytes, 4));
	TRY(close(ends[1]));
	TRY(read(ends[0], bytes, 4));
	TRY(read(ends[0], bytes, 4));
}

CASE(pipe_has_directions)
{
	TRY(pipe(ends));
	TRY(write(ends[0], "a", 1));
	TRY(read(ends[1], bytes, 1));
	TRY(lseek(ends[0], 0, SEEK_CUR));
	TRY(pread(ends[0], bytes, 1, 0));
	TRY(pwrite(ends[1], bytes, 1, 0));
	TRY(fsync(ends[0]));
	TRY(ftruncate(ends[1], 0));
	printf("%o %o\n", fcntl(ends[0], F_GETFL) & O_ACCMODE, fcntl(ends[1], F_GETFL) & O_ACCMODE);
}

CASE(pipe2_flags)
{
	TRY(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
	TRY(fcntl(ends[0], F_GETFD));
	CHECK(fcntl(ends[1], F_GETFL) & O_NONBLOCK);
	TRY(read(ends[0], bytes, 1));
	TRY(syscall(SYS_pipe2, ends, O_APPEND));
	TRY(syscall(SYS_pipe2, nowhere, 0));
	TRY(syscall(SYS_pipe2, ends, 0));
	printf("%d %d\n", ends[0], ends[1]);
}

CASE(pipe_without_readers)
{
	TRY(pipe(ends));
	TRY(close(ends[0]));
	signal(SIGPIPE, SIG_IGN);
	TRY(write(ends[1], "abc", 3));
	count_signal(SIGPIPE, 0);
	TRY(write(ends[1], "abc", 3));
	printf("%d\n", handled);
	TRY(write(ends[1], "abc", 0));
}

CASE(pipe_without_readers_ends_the_program)
{
	TRY(pipe(ends));
	TRY(close(ends[0]));
	write(ends[1], "abc", 3);
	puts("not here");
}

CASE(pipe_is_filled)
{
	TRY(pipe2(ends, O_NONBLOCK));
	long total = 0, part;
	while ((part = write(ends[1], bytes, PAGE)) > 0)
		total += part;
	printf("%ld %s\n", total, error_name(errno));
	TRY(write(ends[1], bytes, 1));
	TRY(read(ends[0], bytes, PAGE));
	TRY(write(ends[1], bytes, 1));
	TRY(fcntl(ends[1], F_GETPIPE_SZ));
}

CASE(pipe_writes_are_whole)
{
	TRY(pipe2(ends, O_NONBLOCK));
	while (write(ends[1], bytes, PAGE) > 0)
		;
	TRY(read(ends[0], bytes, 100));
	TRY(write(ends[1], bytes, 200));
	TRY(read(ends[0], bytes, PAGE));
	TRY(write(ends[1], bytes, PAGE));
	TRY(read(ends[0], bytes, 2 * PAGE));
	TRY(write(ends[1], bytes, 5 * PAGE) > 0);
}

CASE(pipe_can_be_resized)
{
	TRY(pipe(ends));
	TRY(fcntl(ends[0], F_GETPIPE_SZ));
	TRY(fcntl(ends[0], F_SETPIPE_SZ, 1));
	TRY(fcntl(ends[0], F_SETPIPE_SZ, 100000));
	TRY(fcntl(ends[1], F_GETPIPE_SZ));
	TRY(write(ends[1], bytes, 100000));
	TRY(fcntl(ends[0], F_SETPIPE_SZ, PAGE));
	TRY(fcntl(ends[0], F_SETPIPE_SZ, -1));
	TRY(fcntl(make_file("file", ""), F_GETPIPE_SZ));
}

static void *read_slowly(void *argument)
{
	long total = 0, part;
	sleep_milliseconds(20);
	while ((part = read(ends[0], argument, 30000)) > 0)
		total += part;
	return (void *)total;
}

CASE(pipe_writer_waits_for_room)
{
	static char to[30000];
	pthread_t thread;
	void *total;
	TRY(pipe(ends));
	pthread_create(&thread, NULL, read_slowly, to);
	TRY(write(ends[1], bytes, sizeof bytes));
	TRY(close(ends[1]));
	pthread_join(thread, &total);
	printf("%ld\n", (long)total);
}

static void *write_soon(void *argument)
{
	sleep_milliseconds(20);
	write(ends[1], argument, 3);
	return NULL;
}

static void *close_soon(void *argument)
{
	sleep_milliseconds(20);
	close(ends[1]);
	return argument;
}

CASE(pipe_reader_waits)
{
	pthread_t thread;
	TRY(pipe(ends));
	pthread_create(&thread, NULL, write_soon, "xyz");
	TRY(read(ends[0], bytes, 100));
	printf("%.3s\n", bytes);
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, close_soon, NULL);
	TRY(read(ends[0], bytes, 100));
	pthread_join(thread, NULL);
}

CASE(pipe_readers_are_woken_one_each)
{
	pthread_t threads[3];
	static char to[3][4];
	TRY(pipe(ends));
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, read_slowly, to[i]);
	TRY(write(ends[1], "abc", 3));
	TRY(close(ends[1]));
	long all = 0;
	for (int i = 0; i < 3; i++) {
		void *total;
		pthread_join(threads[i], &total);
		all += (long)total;
	}
	printf("%ld\n", all);
}

CASE(pipe_with_vectors)
{
	char one[3] = "", two[8] = "";
	struct iovec out[2] = {{"ab", 2}, {"cdef", 4}}, in[2] = {{one, 2}, {two, 7}};
	TRY(pipe(ends));
	TRY(writev(ends[1], out, 2));
	TRY(readv(ends[0], in, 2));
	printf("%s %s\n", one, two);
	TRY(read(ends[0], nowhere, 0));
	TRY(write(ends[1], nowhere, 5));
	TRY(write(ends[1], "a", 1));
	TRY(read(ends[0], nowhere, 5));
}

CASE(pipe_stays_open_for_a_copy)
{
	TRY(pipe(ends));
	int copy = (int)TRY(dup(ends[1]));
	TRY(close(ends[1]));
	TRY(write(copy, "abc", 3));
	TRY(read(ends[0], bytes, 100));
	TRY(close(copy));
	TRY(read(ends[0], bytes, 100));
}

CASE(pipe_is_polled)
{
	TRY(pipe(ends));
	struct pollfd polls[2] = {{.fd = ends[0], .events = POLLIN}, {.fd = ends[1], .events = POLLOUT}};
	TRY(poll(polls, 2, 0));
	printf("%x %x\n", polls[0].revents, polls[1].revents);
	TRY(write(ends[1], "a", 1));
	TRY(poll(polls, 2, 0));
	printf("%x %x\n", polls[0].revents, polls[1].revents);
	TRY(close(ends[1]));
	polls[1].fd = -1;
	TRY(poll(polls, 2, 0));
	printf("%x %x\n", polls[0].revents, polls[1].revents);
	TRY(read(ends[0], bytes, 10));
	TRY(poll(polls, 2, 0));
	printf("%x %x\n", polls[0].revents, polls[1].revents);
	TRY(pipe(ends));
	TRY(close(ends[0]));
	polls[0] = (struct pollfd){.fd = ends[1], .events = POLLOUT};
	TRY(poll(polls, 1, 0));
	printf("%x\n", polls[0].revents);
}

CASE(full_pipe_is_polled)
{
	TRY(pipe2(ends, O_NONBLOCK));
	while (write(ends[1], bytes, PAGE) > 0)
		;
	struct pollfd polled = {.fd = ends[1], .events = POLLOUT};
	TRY(poll(&polled, 1, 0));
	TRY(read(ends[0], bytes, 100));
	TRY(poll(&polled, 1, 0));
	TRY(read(ends[0], bytes, PAGE));
	TRY(poll(&polled, 1, 0));
}

CASE(splice_refuses)
{
	int file = open("file", O_RDWR | O_CREAT, 0666), other = open("other", O_RDWR | O_CREAT, 0666);
	TRY(pipe(ends));
	TRY(splice(file, NULL, other, NULL, 1, 0));
	TRY(splice(99, NULL, 99, NULL, 0, ~0u));
	TRY(splice(99, NULL, 99, NULL, 1, 16));
	TRY(splice(99, NULL, ends[1], NULL, 1, 0));
	TRY(splice(ends[0], NULL, 99, NULL, 1, 0));
	TRY(splice(ends[1], NULL, file, NULL, 1, 0));
	TRY(splice(file, NULL, ends[0], NULL, 1, 0));
}
