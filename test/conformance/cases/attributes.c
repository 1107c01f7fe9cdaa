/* What files have beside content: stat(2), chmod(2), chown(2), utimensat(2), access(2), umask(2), statfs(2). */
#include "case.h"
#include <sys/statfs.h>
#include <sys/sysmacros.h>

static void print_status(const char *path)
{
	struct stat status;
	if (lstat(path, &status))
		printf("%s: %s\n", path, error_name(errno));
	else
		printf("%s: mode %o owner %d:%d\n", path, status.st_mode, status.st_uid, status.st_gid);
}

CASE(stat_of_kinds)
{
	struct stat status, other;
	close(make_file("file", "content"));
	TRY(stat("file", &status));
	printf("%o %ld %ld\n", status.st_mode, (long)status.st_nlink, (long)status.st_size);
	TRY(lstat("file", &other));
	CHECK(status.st_ino == other.st_ino && status.st_dev == other.st_dev);
	CHECK(status.st_blksize > 0);
	TRY(stat(".", &other));
	printf("%d\n", S_ISDIR(other.st_mode));
	CHECK(status.st_ino != other.st_ino && status.st_dev == other.st_dev);
	TRY(stat("none", &status));
	TRY(stat("", &status));
	TRY(stat(nowhere, &status));
	TRY(syscall(SYS_newfstatat, AT_FDCWD, "file", nowhere, 0));
	TRY(syscall(SYS_newfstatat, AT_FDCWD, "file", &status, 0x10000000));
}

CASE(fstat_of_kinds)
{
	struct stat status;
	int pipes[2], file = make_file("file", "content");
	TRY(pipe(pipes));
	TRY(fstat(pipes[0], &status));
	printf("%o %ld\n", status.st_mode, (long)status.st_size);
	TRY(fstat(file, &status));
	TRY(fstat(99, &status));
	TRY(syscall(SYS_fstat, file, nowhere));
}

CASE(statx_tells_the_same)
{
	struct { uint32_t mask, blksize; uint64_t attributes; uint32_t nlink, uid, gid; uint16_t mode, pad; uint64_t ino, size; char rest[208]; } extended;
	close(make_file("file", "content"));
	TRY(syscall(SYS_statx, AT_FDCWD, "file", 0, 0x7ff, &extended));
	printf("%o %u %llu\n", extended.mode, extended.nlink, (unsigned long long)extended.size);
	CHECK((extended.mask & 0x7ff) == 0x7ff);
	TRY(syscall(SYS_statx, AT_FDCWD, "none", 0, 0x7ff, &extended));
	TRY(syscall(SYS_statx, AT_FDCWD, "file", 0, 0x7ff, nowhere));
	TRY(syscall(SYS_statx, AT_FDCWD, "file", 0, 0x80000000, &extended));
	TRY(syscall(SYS_statx, AT_FDCWD, "file", 0x6000, 0x7ff, &extended));
}

CASE(blocks_are_counted)
{
	struct stat status;
	int file = make_file("file", "content");
	TRY(ftruncate(file, 1 << 20));
	fstat(file, &status);
	CHECK(status.st_blocks < 64);
	for (int i = 0; i < 100; i++)
		pwrite(file, "x", 1, i * PAGE);
	fsync(file);
	fstat(file, &status);
	CHECK(status.st_blocks >= 800);
}

CASE(chmod_changes)
{
	struct stat status;
	int file = make_file("file", "");
	TRY(chmod("file", 04751));
	print_status("file");
	TRY(fchmod(file, 0600));
	print_status("file");
	TRY(fchmodat(AT_FDCWD, "file", 0177777, 0));
	print_status("file");
	TRY(chmod("none", 0600));
	TRY(chmod(nowhere, 0600));
	TRY(fchmod(99, 0600));
	TRY(symlink("file", "link"));
	TRY(chmod("link", 0640));
	print_status("file");
	TRY(mkdir("folder", 0777));
	TRY(chmod("folder", 01700));
	print_status("folder");
}

CASE(umask_applies)
{
	TRY(umask(027));
	TRY(umask(0777027));
	close(open("file", O_RDWR | O_CREAT, 0666));
	TRY(mkdir("folder", 0777));
	print_status("file");
	print_status("folder");
	TRY(mknod("node", S_IFREG | 0666, 0));
	print_status("node");
	TRY(chmod("file", 0666));
	print_status("file");
}

CASE(chown_changes)
{
	int file = make_file("file", "");
	TRY(symlink("file", "link"));
	TRY(chown("file", 1, 2));
	print_status("file");
	TRY(chown("file", -1, 3));
	print_status("file");
	TRY(fchown(file, 4, -1));
	print_status("file");
	TRY(lchown("link", 5, 6));
	print_status("link");
	TRY(chown("link", 7, 8));
	print_status("file");
	TRY(chown("none", 1, 1));
	TRY(fchown(99, 1, 1));
	TRY(fchownat(AT_FDCWD, "file", 1, 1, 0x10000));
}

CASE(chown_clears_setuid)
{
	close(make_file("file", ""));
	TRY(chmod("file", 06755));
	TRY(chown("file", 1, 2));
	print_status("file");
}

CASE(utimensat_sets)
{
	struct stat status;
	struct timespec times[2] = {{1000, 5000}, {2000, 7000}};
	int file = make_file("file", "");
	TRY(utimensat(AT_FDCWD, "file", times, 0));
	fstat(file, &status);
	printf("%ld.%ld %ld.%ld\n", (long)status.st_atim.tv_sec, status.st_atim.tv_nsec, (long)status.st_mtim.tv_sec,
	       status.st_mtim.tv_nsec);
	times[0].tv_nsec = UTIME_OMIT;
	times[1].tv_nsec = UTIME_NOW;
	TRY(futimens(file, times));
	fstat(file, &status);
	printf("%ld\n", (long)status.st_atim.tv_sec);
	CHECK(labs((long)(time(NULL) - status.st_mtim.tv_sec)) < 5);
	times[0].tv_nsec = 1000000000;
	TRY(futimens(file, times));
	TRY(utimensat(AT_FDCWD, "none", NULL, 0));
	TRY(utimensat(AT_FDCWD, nowhere, NULL, 0));
	TRY(syscall(SYS_utimensat, AT_FDCWD, "file", nowhere, 0));
	TRY(futimens(99, NULL));
	TRY(futimens(file, NULL));
	fstat(file, &status);
	CHECK(labs((long)(time(NULL) - status.st_atim.tv_sec)) < 5);
}

CASE(utimensat_of_a_link)
{
	struct stat status;
	struct timespec times[2] = {{1000, 0}, {2000, 0}};
	close(make_file("file", ""));
	TRY(symlink("file", "link"));
	TRY(utimensat(AT_FDCWD, "link", times, AT_SYMLINK_NOFOLLOW));
	lstat("link", &status);
	printf("%ld\n", (long)status.st_mtim.tv_sec);
	stat("link", &status);
	CHECK(status.st_mtim.tv_sec != 2000);
}

CASE(writing_changes_the_time)
{
	struct stat status;
	const struct timespec times[2] = {{1000, 0}, {1000, 0}};
	int file = make_file("file", "content");
	TRY(futimens(file, times));
	TRY(write(file, "x", 1));
	fstat(file, &status);
	CHECK(status.st_mtim.tv_sec > 1000 && status.st_ctim.tv_sec > 1000);
	TRY(futimens(file, times));
	TRY(ftruncate(file, 3));
	fstat(file, &status);
	CHECK(status.st_mtim.tv_sec > 1000);
	TRY(mkdir("folder", 0755));
	TRY(utimensat(AT_FDCWD, "folder", times, 0));
	close(make_file("folder/file", ""));
	stat("folder", &status);
	CHECK(status.st_mtim.tv_sec > 1000);
}

CASE(access_modes)
{
	close(make_file("file", ""));
	TRY(access("file", F_OK));
	TRY(access("file", R_OK | W_OK));
	TRY(access("file", X_OK));
	TRY(chmod("file", 0100));
	TRY(access("file", X_OK));
	TRY(chmod("file", 0));
	TRY(access("file", R_OK | W_OK));
	TRY(access(".", X_OK));
	TRY(access("file", 99));
	TRY(access("none", F_OK));
	TRY(access("file/none", F_OK));
	TRY(access(nowhere, F_OK));
	TRY(faccessat(AT_FDCWD, "file", F_OK, AT_EACCESS));
	TRY(symlink("none", "link"));
	TRY(access("link", F_OK));
}

CASE(mknod_makes)
{
	TRY(mknod("file", S_IFREG | 0644, 0));
	TRY(mknod("plain", 0644, 0));
	TRY(mknod("file", S_IFREG | 0644, 0));
	TRY(mknod("folder", S_IFDIR | 0755, 0));
	print_status("file");
	print_status("plain");
	TRY(mknod("none/x", S_IFREG | 0644, 0));
}

CASE(mkfifo_makes)
{
	TRY(mkfifo("fifo", 0644));
	print_status("fifo");
	int fifo = (int)TRY(open("fifo", O_RDWR | O_NONBLOCK));
	char byte = 0;
	TRY(read(fifo, &byte, 1));
	TRY(write(fifo, "x", 1));
	TRY(read(fifo, &byte, 1));
	TRY(open("fifo", O_WRONLY | O_NONBLOCK));
	TRY(lseek(fifo, 0, SEEK_CUR));
}

CASE(statfs_tells)
{
	struct statfs status;
	TRY(statfs(".", &status));
	CHECK(status.f_bsize > 0 && status.f_blocks > 0 && status.f_bfree <= status.f_blocks);
	printf("%ld\n", (long)status.f_namelen);
	TRY(fstatfs(make_file("file", ""), &status));
	TRY(statfs("none", &status));
	TRY(fstatfs(99, &status));
	TRY(syscall(SYS_statfs, ".", nowhere));
}
