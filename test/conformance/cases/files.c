/* Open files and their content: open(2), read(2), write(2), lseek(2), truncate(2). */
#include "case.h"
#include <sys/sendfile.h>
#include <sys/uio.h>

CASE(open_creates_and_excludes)
{
	TRY(open("a", O_RDONLY));
	TRY(open("a", O_RDWR | O_CREAT | O_EXCL, 0640));
	TRY(open("a", O_RDWR | O_CREAT | O_EXCL, 0640));
	TRY(open("a", O_RDWR | O_CREAT, 0600));
	struct stat status;
	TRY(stat("a", &status));
	printf("mode %o links %ld size %ld\n", status.st_mode, (long)status.st_nlink, (long)status.st_size);
}

CASE(open_bad_paths)
{
	TRY(open(nowhere, O_RDONLY));
	TRY(open("", O_RDONLY));
	TRY(open("none/none", O_RDONLY));
	close(make_file("file", ""));
	TRY(open("file/none", O_RDONLY));
	TRY(open("file/", O_RDONLY));
	TRY(open("none/", O_RDWR | O_CREAT, 0600));
	TRY(open("file", O_RDONLY | O_DIRECTORY));
	TRY(open(".", O_RDWR));
	TRY(open(".", O_RDONLY | O_CREAT, 0600));
}

CASE(open_follows_links)
{
	close(make_file("file", "content"));
	TRY(symlink("file", "link"));
	TRY(symlink("none", "dangling"));
	TRY(symlink("loop", "loop"));
	TRY(open("link", O_RDONLY | O_NOFOLLOW));
	TRY(open("dangling", O_RDONLY));
	TRY(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0600));
	TRY(open("loop", O_RDONLY));
	print_content((int)TRY(open("link", O_RDONLY)));
	WORKS(open("dangling", O_RDWR | O_CREAT, 0600));
	TRY(access("none", F_OK));
}

CASE(open_truncates)
{
	int file = make_file("file", "content");
	TRY(open("file", O_WRONLY | O_TRUNC));
	print_content(file);
	TRY(lseek(file, 0, SEEK_CUR));
}

CASE(append_writes_at_the_end)
{
	int file = make_file("file", "content");
	int appending = (int)TRY(open("file", O_WRONLY | O_APPEND));
	TRY(write(appending, "12", 2));
	TRY(pwrite(file, "34", 2, 20));
	TRY(write(appending, "5", 1));
	TRY(lseek(appending, 0, SEEK_CUR));
	TRY(pwrite(appending, "6", 1, 0));
	TRY(lseek(appending, 0, SEEK_CUR));
	print_content(file);
}

CASE(descriptors_have_a_direction)
{
	char byte = 0;
	close(make_file("file", "content"));
	int reader = (int)TRY(open("file", O_RDONLY)), writer = (int)TRY(open("file", O_WRONLY));
	TRY(write(reader, "x", 1));
	TRY(read(writer, &byte, 1));
	TRY(ftruncate(reader, 1));
	TRY(read(-1, &byte, 1));
	TRY(write(99, &byte, 1));
	TRY(close(99));
	TRY(close(-1));
}

CASE(pread_keeps_the_offset)
{
	char bytes[8] = "";
	int file = make_file("file", "content");
	TRY(lseek(file, 2, SEEK_SET));
	TRY(pread(file, bytes, 3, 4));
	puts(bytes);
	TRY(lseek(file, 0, SEEK_CUR));
	TRY(pwrite(file, "XY", 2, 5));
	TRY(lseek(file, 0, SEEK_CUR));
	TRY(pread(file, bytes, 3, 100));
	TRY(pread(file, bytes, 3, -1));
	TRY(pwrite(file, bytes, 3, -1));
	print_content(file);
}

CASE(lseek_whence)
{
	int file = make_file("file", "content");
	TRY(lseek(file, 3, SEEK_END));
	TRY(lseek(file, -4, SEEK_CUR));
	TRY(lseek(file, -1, SEEK_SET));
	TRY(lseek(file, -100, SEEK_CUR));
	TRY(lseek(file, 0, 99));
	TRY(lseek(file, 0, SEEK_CUR));
	TRY(lseek(99, 0, SEEK_CUR));
}

CASE(read_and_write_bad_pointers)
{
	int file = make_file("file", "content");
	TRY(lseek(file, 0, SEEK_SET));
	TRY(read(file, nowhere, 1));
	TRY(write(file, nowhere, 1));
	TRY(pread(file, nowhere, 1, 0));
	TRY(pwrite(file, nowhere, 1, 0));
	TRY(read(file, nowhere, 0));
	TRY(write(file, nowhere, 0));
	TRY(readv(file, nowhere, 1));
	TRY(writev(file, nowhere, 1));
}

CASE(read_at_the_end_with_a_bad_pointer)
{
	int file = make_file("file", "content");
	TRY(read(file, nowhere, 1));
}

CASE(hole_reads_as_zeros)
{
	int file = make_file("file", "content");
	char bytes[16];
	TRY(pwrite(file, "end", 3, 10000));
	TRY(pread(file, bytes, 16, 5000));
	for (int i = 0; i < 16; i++)
		if (bytes[i])
			puts("not zero");
	TRY(ftruncate(file, 3));
	TRY(ftruncate(file, 9));
	print_content(file);
	TRY(ftruncate(file, -1));
}

CASE(seek_data_and_hole)
{
	int file = make_file("file", "content");
	TRY(lseek(file, 0, SEEK_DATA));
	TRY(lseek(file, 0, SEEK_HOLE));
	TRY(lseek(file, 3, SEEK_DATA));
	TRY(lseek(file, 7, SEEK_DATA));
	TRY(lseek(file, 7, SEEK_HOLE));
	TRY(lseek(file, -1, SEEK_DATA));
	TRY(lseek(file, 0, SEEK_CUR));
}

CASE(seek_finds_holes)
{
	int file = make_file("file", "content");
	TRY(ftruncate(file, 1 << 20));
	TRY(pwrite(file, "x", 1, 1 << 19));
	TRY(lseek(file, 1 << 16, SEEK_DATA));
	TRY(lseek(file, 1 << 19, SEEK_DATA));
	TRY(lseek(file, 1 << 16, SEEK_HOLE));
}

CASE(write_moves_the_offset)
{
	char bytes[8] = "";
	int file = make_file("file", "");
	TRY(write(file, "abc", 3));
	TRY(write(file, "def", 3));
	TRY(lseek(file, 1, SEEK_SET));
	TRY(read(file, bytes, 2));
	puts(bytes);
	TRY(write(file, "X", 1));
	print_content(file);
	TRY(read(file, bytes, 8));
	TRY(read(file, bytes, 8));
}

CASE(readv_and_writev)
{
	char one[4] = "", two[8] = "";
	int file = make_file("file", "");
	struct iovec out[3] = {{"abc", 3}, {NULL, 0}, {"defgh", 5}}, in[2] = {{one, 3}, {two, 7}};
	TRY(writev(file, out, 3));
	TRY(lseek(file, 0, SEEK_SET));
	TRY(readv(file, in, 2));
	printf("%s %s\n", one, two);
	TRY(preadv(file, in, 2, 2));
	printf("%s %s\n", one, two);
	TRY(pwritev(file, out, 1, 4));
	print_content(file);
	TRY(lseek(file, 0, SEEK_CUR));
}

CASE(readv_refuses)
{
	char byte;
	int file = make_file("file", "content");
	struct iovec part = {&byte, 1}, bad[2] = {{&byte, 1}, {nowhere, 1}}, huge[2] = {{&byte, 1}, {&byte, SIZE_MAX / 2 + 1}};
	TRY(lseek(file, 0, SEEK_SET));
	TRY(readv(file, &part, 0));
	TRY(readv(file, &part, -1));
	TRY(readv(file, bad, 1025));
	TRY(readv(file, huge, 2));
	TRY(readv(99, &part, 1));
	TRY(readv(file, bad + 1, 1));
	TRY(writev(file, bad + 1, 1));
	TRY(preadv(file, &part, 1, -1));
}

CASE(truncate_by_name)
{
	int file = make_file("file", "content");
	TRY(truncate("file", 3));
	print_content(file);
	TRY(truncate("none", 3));
	TRY(truncate(".", 3));
	TRY(truncate("file", -1));
	TRY(truncate(nowhere, 1));
	TRY(symlink("file", "link"));
	TRY(truncate("link", 1));
	print_content(file);
}

CASE(ftruncate_refuses)
{
	int pipes[2];
	TRY(pipe(pipes));
	TRY(ftruncate(pipes[1], 0));
	TRY(ftruncate(99, 0));
	TRY(ftruncate(open(".", O_RDONLY), 0));
	TRY(ftruncate(make_file("file", "content"), INT64_MAX));
}

CASE(truncate_keeps_the_offset)
{
	int file = make_file("file", "content");
	TRY(ftruncate(file, 0));
	TRY(lseek(file, 0, SEEK_CUR));
	TRY(write(file, "x", 1));
	print_content(file);
}

CASE(fallocate_modes)
{
	struct stat status;
	int file = make_file("file", "content");
	TRY(fallocate(file, 0, 0, 20));
	print_content(file);
	TRY(fallocate(file, FALLOC_FL_KEEP_SIZE, 0, 100000));
	fstat(file, &status);
	printf("size %ld\n", (long)status.st_size);
	TRY(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1, 3));
	print_content(file);
	TRY(fallocate(file, 0, -1, 20));
	TRY(fallocate(file, 0, 0, 0));
	TRY(fallocate(99, 0, 0, 1));
	TRY(fallocate(open("file", O_RDONLY), 0, 0, 1));
}

CASE(sendfile_copies)
{
	int from = make_file("from", "0123456789"), to = make_file("to", "");
	off_t offset = 2;
	TRY(sendfile(to, from, &offset, 5));
	printf("offset %ld\n", (long)offset);
	TRY(lseek(from, 0, SEEK_CUR));
	TRY(lseek(from, 8, SEEK_SET));
	TRY(sendfile(to, from, NULL, 100));
	TRY(sendfile(to, from, NULL, 100));
	TRY(lseek(from, 0, SEEK_CUR));
	print_content(to);
}

CASE(sendfile_refuses)
{
	int from = make_file("from", "0123456789"), to = make_file("to", ""), pipes[2];
	off_t offset = -1;
	TRY(sendfile(to, from, &offset, 5));
	TRY(sendfile(to, from, nowhere, 5));
	TRY(sendfile(99, from, NULL, 5));
	TRY(sendfile(to, 99, NULL, 5));
	TRY(sendfile(open("to", O_RDONLY), from, NULL, 5));
	TRY(pipe(pipes));
	TRY(sendfile(to, pipes[0], NULL, 5));
	offset = 0;
	TRY(sendfile(pipes[1], from, &offset, 4));
	TRY(sendfile(open("to", O_WRONLY | O_APPEND), from, &offset, 4));
}

CASE(sync_calls)
{
	int file = make_file("file", "content"), pipes[2];
	TRY(pipe(pipes));
	TRY(fsync(file));
	TRY(fdatasync(file));
	TRY(fsync(pipes[0]));
	TRY(fsync(99));
	TRY(fdatasync(99));
	TRY(posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL));
	TRY(posix_fadvise(99, 0, 0, POSIX_FADV_SEQUENTIAL) == EBADF);
	TRY(posix_fadvise(file, 0, 0, 99) == EINVAL);
}

CASE(unlinked_file_stays_open)
{
	struct stat status;
	int file = make_file("file", "content");
	TRY(unlink("file"));
	TRY(pwrite(file, "C", 1, 0));
	print_content(file);
	TRY(fstat(file, &status));
	printf("links %ld\n", (long)status.st_nlink);
	TRY(open("file", O_RDONLY));
}

CASE(temporary_file_without_a_name)
{
	struct stat status;
	int file = (int)TRY(open(".", O_TMPFILE | O_RDWR, 0600));
	TRY(write(file, "content", 7));
	print_content(file);
	fstat(file, &status);
	printf("mode %o links %ld\n", status.st_mode, (long)status.st_nlink);
	TRY(open(".", O_TMPFILE | O_RDONLY, 0600));
}

CASE(path_descriptor)
{
	char byte;
	struct stat status;
	close(make_file("file", "content"));
	int file = (int)TRY(open("file", O_PATH));
	TRY(read(file, &byte, 1));
	TRY(write(file, &byte, 1));
	TRY(fstat(file, &status));
	TRY(syscall(SYS_fchmod, file, 0600));
	TRY(ftruncate(file, 0));
	int folder = (int)TRY(open(".", O_PATH));
	TRY(openat(folder, "file", O_RDONLY));
	TRY(close(file));
}

CASE(dev_null_and_zero)
{
	char bytes[4] = "abc";
	int null = (int)TRY(open("/dev/null", O_RDWR)), zero = (int)TRY(open("/dev/zero", O_RDWR));
	TRY(write(null, "abc", 3));
	TRY(read(null, bytes, 3));
	TRY(read(zero, bytes, 3));
	printf("%d %d\n", bytes[0], bytes[2]);
	TRY(write(zero, "abc", 3));
	TRY(lseek(null, 10, SEEK_SET));
	struct stat status;
	TRY(fstat(null, &status));
	printf("%o %lx\n", status.st_mode & S_IFMT, (long)status.st_rdev);
	int full = (int)TRY(open("/dev/full", O_RDWR));
	TRY(write(full, "abc", 3));
	TRY(read(full, bytes, 3));
	TRY(close(open("/dev/urandom", O_RDONLY)) >= 0);
	TRY(read(open("/dev/random", O_RDONLY), bytes, 4));
}
