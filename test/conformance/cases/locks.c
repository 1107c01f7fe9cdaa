/* Locks of open files: flock(2), and those of ranges by fcntl(2). */
#include "case.h"
#include <pthread.h>
#include <sys/file.h>
#include <sys/time.h>

static int file, other, third;

static void open_twice(void)
{
	file = make_file("file", "0123456789");
	other = open("file", O_RDWR);
	third = open("file", O_RDWR);
}

CASE(flock_of_two_open_files)
{
	open_twice();
	TRY(flock(file, LOCK_EX));
	TRY(flock(other, LOCK_SH | LOCK_NB));
	TRY(flock(file, LOCK_UN));
	TRY(flock(other, LOCK_SH | LOCK_NB));
	TRY(flock(file, LOCK_SH | LOCK_NB));
	TRY(flock(file, LOCK_EX | LOCK_NB));
}

CASE(flock_is_the_open_files)
{
	open_twice();
	int copy = dup(file), another = make_file("another", "");
	TRY(flock(file, LOCK_EX));
	TRY(flock(copy, LOCK_EX | LOCK_NB));
	TRY(flock(another, LOCK_EX | LOCK_NB));
	TRY(close(file));
	TRY(flock(other, LOCK_EX | LOCK_NB));
	TRY(close(copy));
	TRY(flock(other, LOCK_EX | LOCK_NB));
	TRY(unlink("file"));
	TRY(flock(third, LOCK_SH | LOCK_NB));
	TRY(flock(make_file("file", ""), LOCK_EX | LOCK_NB));
}

CASE(flock_is_lost_where_it_cannot_become_another)
{
	open_twice();
	TRY(flock(file, LOCK_SH));
	TRY(flock(other, LOCK_SH));
	TRY(flock(file, LOCK_EX | LOCK_NB));
	TRY(flock(other, LOCK_EX | LOCK_NB));
	TRY(flock(file, LOCK_SH | LOCK_NB));
	TRY(flock(other, LOCK_SH));
	TRY(flock(file, LOCK_SH | LOCK_NB));
}

CASE(flock_of_what_is_no_regular_file)
{
	int ends[2], folder = open(".", O_RDONLY), again = open(".", O_RDONLY), path = open(".", O_PATH), null = open("/dev/null", O_RDWR);
	TRY(flock(folder, LOCK_EX | LOCK_NB));
	TRY(flock(again, LOCK_SH | LOCK_NB));
	TRY(flock(path, LOCK_SH | LOCK_NB));
	TRY(pipe(ends));
	TRY(flock(ends[0], LOCK_EX | LOCK_NB));
	TRY(flock(ends[1], LOCK_EX | LOCK_NB));
	TRY(write(ends[1], "a", 1));
	TRY(flock(ends[1], LOCK_EX | LOCK_NB));
	TRY(close(ends[0]));
	TRY(flock(ends[1], LOCK_EX | LOCK_NB));
	TRY(flock(null, LOCK_EX | LOCK_NB));
}

static void *give_back_soon(void *how)
{
	sleep_milliseconds(20);
	if (how)
		close(file);
	else
		flock(file, LOCK_UN);
	return NULL;
}

CASE(flock_waits)
{
	pthread_t thread;
	for (long closes = 0; closes < 2; closes++) {
		open_twice();
		TRY(flock(file, LOCK_EX));
		long start = milliseconds_now();
		pthread_create(&thread, NULL, give_back_soon, (void *)closes);
		TRY(flock(other, LOCK_EX));
		CHECK(milliseconds_now() - start >= 15);
		pthread_join(thread, NULL);
	}
}

static void alarm_soon(void)
{
	struct itimerval timer = {.it_value.tv_usec = 20000};
	count_signal(SIGALRM, 0);
	setitimer(ITIMER_REAL, &timer, NULL);
}

CASE(locks_are_interrupted)
{
	struct flock lock = {.l_type = F_WRLCK};
	open_twice();
	TRY(flock(file, LOCK_EX));
	alarm_soon();
	TRY(flock(other, LOCK_SH));
	TRY(fcntl(file, F_OFD_SETLK, &lock));
	alarm_soon();
	TRY(fcntl(other, F_OFD_SETLKW, &lock));
	printf("%d\n", handled);
}

static long ask(int descriptor, int command, short type, long start, long length)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
	return fcntl(descriptor, command, &lock);
}

static void tell(int descriptor, short type, long start, long length)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
	TRY(fcntl(descriptor, F_OFD_GETLK, &lock));
	if (lock.l_type == F_UNLCK)
		puts("free");
	else
		printf("%s %d %ld+%ld %d\n", lock.l_type == F_RDLCK ? "read" : "write", lock.l_whence, (long)lock.l_start, (long)lock.l_len, lock.l_pid);
}

CASE(locks_of_open_files_conflict)
{
	open_twice();
	TRY(ask(file, F_OFD_SETLK, F_WRLCK, 0, 0));
	TRY(ask(other, F_OFD_SETLK, F_WRLCK, 0, 0));
	TRY(ask(other, F_OFD_SETLK, F_RDLCK, 1000, 1));
	TRY(close(file));
	TRY(ask(other, F_OFD_SETLK, F_WRLCK, 0, 0));
}

CASE(locks_of_ranges)
{
	open_twice();
	TRY(ask(file, F_OFD_SETLK, F_WRLCK, 2, 3));
	TRY(ask(other, F_OFD_SETLK, F_WRLCK, 0, 2));
	TRY(ask(other, F_OFD_SETLK, F_WRLCK, 0, 3));
	TRY(ask(other, F_OFD_SETLK, F_RDLCK, 4, 1));
	TRY(ask(other, F_OFD_SETLK, F_RDLCK, 5, 1));
	tell(other, F_RDLCK, 0, 0);
	tell(file, F_WRLCK, 0, 0);
	tell(file, F_RDLCK, 2, 0);
	tell(third, F_WRLCK, 5, 1);
	TRY(ask(file, F_OFD_SETLK, F_UNLCK, 3, 1));
	tell(other, F_RDLCK, 3, 0);
	tell(other, F_RDLCK, 3, 1);
	TRY(ask(file, F_OFD_SETLK, F_RDLCK, 2, 1));
	tell(other, F_WRLCK, 1, 10);
	tell(other, F_RDLCK, 1, 3);
}

CASE(locks_of_ranges_grow_together)
{
	open_twice();
	TRY(ask(file, F_OFD_SETLK, F_RDLCK, 10, 10));
	TRY(ask(file, F_OFD_SETLK, F_RDLCK, 30, 10));
	tell(other, F_WRLCK, 0, 0);
	TRY(ask(file, F_OFD_SETLK, F_RDLCK, 20, 10));
	tell(other, F_WRLCK, 0, 0);
	TRY(ask(file, F_OFD_SETLK, F_WRLCK, 15, 10));
	tell(other, F_WRLCK, 0, 0);
	tell(other, F_RDLCK, 0, 0);
	tell(other, F_WRLCK, 25, 1);
	TRY(ask(file, F_OFD_SETLK, F_UNLCK, 12, 20));
	tell(other, F_WRLCK, 0, 0);
	tell(other, F_WRLCK, 12, 0);
	TRY(ask(file, F_OFD_SETLK, F_UNLCK, 0, 0));
	tell(other, F_WRLCK, 0, 0);
}

CASE(locks_of_ranges_from_the_end)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -2, .l_len = -3};
	open_twice();
	TRY(fcntl(file, F_OFD_SETLK, &lock));
	tell(other, F_WRLCK, 0, 0);
	lseek(file, 1, SEEK_SET);
	lock = (struct flock){.l_type = F_RDLCK, .l_whence = SEEK_CUR, .l_start = 1};
	TRY(fcntl(file, F_OFD_SETLK, &lock));
	tell(other, F_WRLCK, 0, 0);
}

CASE(locks_of_ranges_refuse)
{
	struct flock lock = {.l_type = F_WRLCK, .l_pid = 1};
	int reader = open("/dev/null", O_RDONLY), writer = open("/dev/null", O_WRONLY);
	open_twice();
	TRY(fcntl(file, F_OFD_SETLK, &lock));
	TRY(fcntl(file, F_OFD_GETLK, &lock));
	TRY(ask(file, F_OFD_SETLK, 99, 0, 0));
	TRY(ask(file, F_OFD_SETLK, F_WRLCK, -1, 0));
	TRY(ask(file, F_OFD_SETLK, F_WRLCK, 1, -2));
	TRY(ask(file, F_OFD_SETLK, F_WRLCK, 1, INT64_MAX));
	TRY(ask(file, F_OFD_SETLK, F_WRLCK, 2, INT64_MAX));
	TRY(ask(reader, F_OFD_SETLK, F_WRLCK, 0, 0));
	TRY(ask(writer, F_OFD_SETLK, F_RDLCK, 0, 0));
	TRY(ask(open("file", O_PATH), F_OFD_SETLK, F_RDLCK, 0, 0));
	lock = (struct flock){.l_type = F_WRLCK, .l_whence = 99};
	TRY(fcntl(file, F_OFD_SETLK, &lock));
	lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = INT64_MAX};
	TRY(fcntl(file, F_OFD_SETLK, &lock));
	TRY(fcntl(file, F_OFD_SETLK, nowhere));
	TRY(fcntl(file, F_OFD_GETLK, nowhere));
}

CASE(flock_knows_nothing_of_ranges)
{
	open_twice();
	TRY(flock(file, LOCK_EX));
	TRY(ask(other, F_OFD_SETLK, F_WRLCK, 0, 0));
	TRY(flock(other, LOCK_SH | LOCK_NB));
}

static void *unlock_soon(void *none)
{
	sleep_milliseconds(20);
	ask(file, F_OFD_SETLK, F_UNLCK, 4, 1);
	return none;
}

CASE(locks_of_ranges_wait)
{
	pthread_t thread;
	open_twice();
	TRY(ask(file, F_OFD_SETLK, F_WRLCK, 0, 10));
	pthread_create(&thread, NULL, unlock_soon, NULL);
	TRY(ask(other, F_OFD_SETLKW, F_RDLCK, 4, 1));
	pthread_join(thread, NULL);
	tell(third, F_WRLCK, 0, 0);
	tell(third, F_WRLCK, 4, 1);
}
