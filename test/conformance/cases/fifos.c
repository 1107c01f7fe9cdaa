/* Pipes with names: mkfifo(3), fifo(7). */
#include "case.h"
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/time.h>

static char bytes[100];

static void print_ready(int descriptor, short events)
{
	struct pollfd polled = {.fd = descriptor, .events = events};
	TRY(poll(&polled, 1, 0));
	printf("%x\n", polled.revents);
}

CASE(fifo_carries)
{
	struct stat one, two;
	TRY(mkfifo("fifo", 0640));
	TRY(mkfifo("fifo", 0640));
	int reader = (int)TRY(open("fifo", O_RDONLY | O_NONBLOCK)), writer = (int)TRY(open("fifo", O_WRONLY));
	TRY(read(reader, bytes, 10));
	TRY(write(writer, "abcdef", 6));
	TRY(ioctl(reader, FIONREAD, bytes));
	printf("%d\n", *(int *)bytes);
	TRY(read(reader, bytes, 4));
	TRY(read(writer, bytes, 4));
	TRY(write(reader, bytes, 4));
	TRY(lseek(reader, 0, SEEK_CUR));
	TRY(pread(reader, bytes, 1, 0));
	TRY(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0) == MAP_FAILED);
	TRY(fstat(reader, &one));
	TRY(stat("fifo", &two));
	CHECK(one.st_ino == two.st_ino);
	printf("%o %d\n", one.st_mode, (int)one.st_size);
	TRY(fcntl(reader, F_GETPIPE_SZ));
	printf("%x %x\n", fcntl(reader, F_GETFL) & (O_ACCMODE | O_NONBLOCK), fcntl(writer, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	TRY(close(writer));
	TRY(read(reader, bytes, 10));
	TRY(read(reader, bytes, 10));
	TRY(unlink("fifo"));
	TRY(read(reader, bytes, 10));
}

CASE(fifo_without_the_other_end)
{
	TRY(mkfifo("fifo", 0600));
	TRY(open("fifo", O_WRONLY | O_NONBLOCK));
	int reader = (int)TRY(open("fifo", O_RDONLY | O_NONBLOCK));
	print_ready(reader, POLLIN | POLLOUT);
	TRY(read(reader, bytes, 1));
	int writer = (int)TRY(open("fifo", O_WRONLY | O_NONBLOCK));
	print_ready(reader, POLLIN | POLLOUT);
	print_ready(writer, POLLIN | POLLOUT);
	TRY(close(writer));
	print_ready(reader, POLLIN | POLLOUT);
	writer = (int)TRY(open("fifo", O_WRONLY));
	print_ready(reader, POLLIN | POLLOUT);
	TRY(close(reader));
	print_ready(writer, POLLIN | POLLOUT);
	signal(SIGPIPE, SIG_IGN);
	TRY(write(writer, "a", 1));
}

CASE(fifo_for_both)
{
	TRY(mkfifo("fifo", 0600));
	int both = (int)TRY(open("fifo", O_RDWR));
	print_ready(both, POLLIN | POLLOUT);
	TRY(write(both, "abc", 3));
	print_ready(both, POLLIN | POLLOUT);
	int writer = (int)TRY(open("fifo", O_WRONLY | O_NONBLOCK)), reader = (int)TRY(open("fifo", O_RDONLY));
	TRY(write(writer, "def", 3));
	TRY(read(reader, bytes, 100));
	TRY(close(writer));
	TRY(close(both));
	TRY(read(reader, bytes, 100));
	print_ready(reader, POLLIN);
}

CASE(fifo_forgets_when_nobody_has_it)
{
	TRY(mkfifo("fifo", 0600));
	int both = open("fifo", O_RDWR | O_NONBLOCK);
	TRY(write(both, "abc", 3));
	TRY(close(both));
	both = open("fifo", O_RDWR | O_NONBLOCK);
	TRY(read(both, bytes, 100));
}

CASE(fifo_is_opened_like_a_file)
{
	TRY(mkfifo("fifo", 0600));
	TRY(open("fifo", O_RDWR | O_CREAT | O_EXCL, 0600));
	TRY(open("fifo", O_RDONLY | O_DIRECTORY | O_NONBLOCK));
	TRY(open("fifo/", O_RDWR));
	int both = (int)TRY(open("fifo", O_RDWR | O_CREAT | O_TRUNC, 0600));
	TRY(write(both, "abc", 3));
	TRY(truncate("fifo", 0));
	TRY(ftruncate(both, 0));
	TRY(fsync(both));
	int path = (int)TRY(open("fifo", O_PATH));
	TRY(read(path, bytes, 1));
	TRY(symlink("fifo", "link"));
	TRY(rename("fifo", "other"));
	TRY(open("link", O_RDWR));
	TRY(open("other", O_RDONLY));
	TRY(mknod("none/fifo", S_IFIFO | 0600, 0));
	TRY(mknod("socket", S_IFSOCK | 0600, 0));
	TRY(open("socket", O_RDWR));
}

static void *write_soon(void *none)
{
	sleep_milliseconds(20);
	int writer = open("fifo", O_WRONLY);
	write(writer, "xyz", 3);
	close(writer);
	return none;
}

static void *read_soon(void *none)
{
	sleep_milliseconds(20);
	int reader = open("fifo", O_RDONLY);
	read(reader, bytes, 1);
	close(reader);
	return none;
}

CASE(fifo_waits_for_the_other_end)
{
	pthread_t thread;
	TRY(mkfifo("fifo", 0600));
	pthread_create(&thread, NULL, write_soon, NULL);
	int reader, writer;
	WORKS(reader = open("fifo", O_RDONLY));
	TRY(read(reader, bytes, 100));
	TRY(read(reader, bytes, 100));
	pthread_join(thread, NULL);
	close(reader);
	pthread_create(&thread, NULL, read_soon, NULL);
	WORKS(writer = open("fifo", O_WRONLY));
	TRY(write(writer, "abc", 3));
	pthread_join(thread, NULL);
	signal(SIGPIPE, SIG_IGN);
	TRY(write(writer, "abc", 3));
}

CASE(fifo_that_waits_is_interrupted)
{
	struct itimerval timer = {.it_value.tv_usec = 20000};
	TRY(mkfifo("fifo", 0600));
	count_signal(SIGALRM, 0);
	setitimer(ITIMER_REAL, &timer, NULL);
	TRY(open("fifo", O_RDONLY));
	setitimer(ITIMER_REAL, &timer, NULL);
	TRY(open("fifo", O_WRONLY));
	printf("%d\n", handled);
	TRY(open("fifo", O_WRONLY | O_NONBLOCK));
	TRY(dup(1));
}
