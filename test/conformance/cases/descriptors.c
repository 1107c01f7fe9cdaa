/* Descriptors and what they share: dup(2), fcntl(2), flock(2), close_range(2), ioctl(2). */
#include "case.h"
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

CASE(dup_shares_the_offset)
{
	int file = make_file("file", "content"), copy = (int)TRY(dup(file));
	TRY(lseek(file, 2, SEEK_SET));
	TRY(lseek(copy, 0, SEEK_CUR));
	TRY(write(copy, "X", 1));
	TRY(lseek(file, 0, SEEK_CUR));
	TRY(close(file));
	print_content(copy);
	int other = (int)TRY(open("file", O_RDONLY));
	TRY(lseek(other, 0, SEEK_CUR));
}

CASE(dup_takes_the_lowest)
{
	TRY(dup(1));
	TRY(dup(1));
	TRY(dup(1));
	TRY(close(4));
	TRY(dup(1));
	TRY(dup(99));
	TRY(dup(-1));
}

CASE(dup2_replaces)
{
	int one = make_file("one", "1"), two = make_file("two", "2");
	TRY(dup2(one, two));
	print_content(two);
	TRY(dup2(one, 50));
	print_content(50);
	TRY(dup2(one, one));
	TRY(dup2(99, one));
	TRY(dup2(99, 99));
	TRY(dup2(one, -1));
	TRY(dup2(one, 1 << 30));
	print_content(one);
}

CASE(dup3_flags)
{
	TRY(dup3(1, 10, O_CLOEXEC));
	TRY(fcntl(10, F_GETFD));
	TRY(dup3(1, 10, 0));
	TRY(fcntl(10, F_GETFD));
	TRY(syscall(SYS_dup3, 1, 1, 0));
	TRY(syscall(SYS_dup3, 1, 10, O_APPEND));
	TRY(dup3(99, 10, 0));
}

CASE(fcntl_duplicates)
{
	TRY(fcntl(1, F_DUPFD, 20));
	TRY(fcntl(1, F_DUPFD, 20));
	TRY(fcntl(1, F_DUPFD_CLOEXEC, 20));
	TRY(fcntl(22, F_GETFD));
	TRY(fcntl(20, F_GETFD));
	TRY(fcntl(1, F_DUPFD, -1));
	TRY(fcntl(1, F_DUPFD, 1 << 30));
}

CASE(fcntl_flags)
{
	int file = make_file("file", ""), other = open("file", O_WRONLY | O_APPEND | O_CLOEXEC);
	printf("%o\n", fcntl(file, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_CREAT | O_TRUNC));
	printf("%o\n", fcntl(other, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_CLOEXEC));
	TRY(fcntl(other, F_GETFD));
	TRY(fcntl(other, F_SETFD, 0));
	TRY(fcntl(other, F_GETFD));
	TRY(fcntl(file, F_SETFL, O_APPEND | O_NONBLOCK | O_WRONLY));
	printf("%o\n", fcntl(file, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
	int copy = dup(file);
	TRY(fcntl(copy, F_SETFL, 0));
	printf("%o\n", fcntl(file, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
	TRY(fcntl(file, 9999));
	TRY(fcntl(99, F_GETFL));
}

CASE(fcntl_append_takes_effect)
{
	int file = make_file("file", "content");
	TRY(lseek(file, 0, SEEK_SET));
	TRY(fcntl(file, F_SETFL, O_APPEND));
	TRY(write(file, "x", 1));
	print_content(file);
}

CASE(record_locks_of_one_process)
{
	int file = make_file("file", "content");
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2, .l_len = 3};
	TRY(fcntl(file, F_SETLK, &lock));
	lock.l_type = F_RDLCK;
	TRY(fcntl(file, F_GETLK, &lock));
	printf("%d %ld %ld\n", lock.l_type == F_UNLCK, (long)lock.l_start, (long)lock.l_len);
	lock.l_type = F_UNLCK;
	TRY(fcntl(file, F_SETLKW, &lock));
}

CASE(record_locks_refuse)
{
	int file = make_file("file", "content"), reader = open("file", O_RDONLY), writer = open("file", O_WRONLY);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	TRY(fcntl(reader, F_SETLK, &lock));
	lock.l_type = F_RDLCK;
	TRY(fcntl(writer, F_SETLK, &lock));
	lock.l_type = 99;
	TRY(fcntl(file, F_SETLK, &lock));
	lock = (struct flock){.l_type = F_WRLCK, .l_whence = 99};
	TRY(fcntl(file, F_SETLK, &lock));
	lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = -1};
	TRY(fcntl(file, F_SETLK, &lock));
	TRY(fcntl(file, F_SETLK, nowhere));
	TRY(fcntl(99, F_SETLK, &lock));
}

CASE(flock_refuses)
{
	int file = make_file("file", "content");
	TRY(flock(99, LOCK_EX));
	TRY(flock(file, 0));
	TRY(flock(file, 16));
	TRY(flock(dup(file), LOCK_EX | LOCK_NB));
	TRY(flock(file, LOCK_EX | LOCK_NB));
}

CASE(close_range_closes)
{
	TRY(dup2(1, 10));
	TRY(dup2(1, 12));
	TRY(dup2(1, 14));
	TRY(syscall(SYS_close_range, 9, 12, 0));
	TRY(fcntl(10, F_GETFD));
	TRY(fcntl(12, F_GETFD));
	TRY(fcntl(14, F_GETFD));
	TRY(syscall(SYS_close_range, 14, 13, 0));
	TRY(syscall(SYS_close_range, 10, ~0u, 4));
	TRY(fcntl(14, F_GETFD));
	TRY(syscall(SYS_close_range, 10, ~0u, 99));
}

CASE(ioctl_off_a_terminal)
{
	struct winsize size;
	int file = make_file("file", ""), number = 0, pipes[2];
	TRY(ioctl(file, TIOCGWINSZ, &size));
	TRY(isatty(file));
	TRY(ioctl(99, TIOCGWINSZ, &size));
	TRY(ioctl(file, 0x1234, &size));
	TRY(pipe(pipes));
	TRY(ioctl(pipes[0], TIOCGWINSZ, &size));
	TRY(write(pipes[1], "abc", 3));
	TRY(ioctl(pipes[0], FIONREAD, &number));
	printf("%d\n", number);
	TRY(ioctl(pipes[0], FIONREAD, nowhere));
}

CASE(ioctl_flags)
{
	int on = 1, off = 0, pipes[2];
	char byte;
	TRY(pipe(pipes));
	TRY(ioctl(pipes[0], FIONBIO, &on));
	TRY(read(pipes[0], &byte, 1));
	CHECK(fcntl(pipes[0], F_GETFL) & O_NONBLOCK);
	TRY(ioctl(pipes[0], FIONBIO, &off));
	CHECK(fcntl(pipes[0], F_GETFL) & O_NONBLOCK);
	TRY(ioctl(pipes[0], FIOCLEX));
	TRY(fcntl(pipes[0], F_GETFD));
	TRY(ioctl(pipes[0], FIONCLEX));
	TRY(fcntl(pipes[0], F_GETFD));
	TRY(ioctl(pipes[0], FIONBIO, nowhere));
}

CASE(fionread_of_a_file)
{
	int file = make_file("file", "content"), number = 0;
	TRY(lseek(file, 2, SEEK_SET));
	TRY(ioctl(file, FIONREAD, &number));
	printf("%d\n", number);
}

CASE(descriptors_have_a_limit)
{
	struct rlimit old, few = {10, 10};
	TRY(getrlimit(RLIMIT_NOFILE, &old));
	few.rlim_max = old.rlim_max;
	TRY(setrlimit(RLIMIT_NOFILE, &few));
	int last = 0;
	while (last < 20 && (last = dup(1)) >= 0)
		;
	printf("%d %s\n", last, error_name(errno));
	int pipes[2];
	TRY(pipe(pipes));
	TRY(open(".", O_RDONLY));
	TRY(dup2(1, 10));
	TRY(fcntl(1, F_DUPFD, 10));
	TRY(close(9));
	TRY(pipe(pipes));
	TRY(dup(1));
	TRY(setrlimit(RLIMIT_NOFILE, &old));
}

CASE(proc_self_fd_names_files)
{
	char path[64], name[256] = "", here[256];
	int file = make_file("file", "content");
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	ssize_t size = readlink(path, name, sizeof name - 1);
	getcwd(here, sizeof here);
	strcat(here, "/file");
	printf("%d %d\n", size == (ssize_t)strlen(here), !strcmp(name, here));
	int again = (int)TRY(open(path, O_RDONLY));
	print_content(again);
	TRY(readlink("/proc/self/fd/99", name, sizeof name));
}
