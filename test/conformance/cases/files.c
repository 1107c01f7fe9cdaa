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
