/* Mappings of files: mmap(2) with a descriptor. */
#include "case.h"

static char *map_file(int file, size_t size, int prot, int flags)
{
	char *pages = mmap(NULL, size, prot, flags, file, 0);
	if (pages == MAP_FAILED)
		printf("not mapped: %s\n", error_name(errno));
	return pages;
}

CASE(mapping_shows_the_file)
{
	int file = make_file("file", "content");
	char *page = map_file(file, PAGE, PROT_READ, MAP_PRIVATE);
	printf("%s %d\n", page, page[PAGE - 1]);
	TRY(close(file));
	printf("%s\n", page);
}

CASE(shared_mapping_goes_with_read_and_write)
{
	int file = make_file("file", "content");
	char *page = map_file(file, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	TRY(pwrite(file, "CON", 3, 0));
	puts(page);
	page[3] = 'T';
	print_content(file);
	TRY(msync(page, PAGE, MS_SYNC));
	page[7] = 'x';
	print_content(file);
}

CASE(two_shared_mappings_are_one)
{
	int file = make_file("file", "content"), other = open("file", O_RDWR);
	char *one = map_file(file, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED), *two = map_file(other, PAGE, PROT_READ, MAP_SHARED);
	one[0] = 'C';
	puts(two);
}

CASE(private_mapping_is_a_copy)
{
	int file = make_file("file", "content");
	char *page = map_file(file, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE), *other = map_file(file, PAGE, PROT_READ, MAP_PRIVATE);
	page[0] = 'C';
	print_content(file);
	puts(other);
	puts(page);
}

CASE(private_mapping_of_a_file_for_reading)
{
	close(make_file("file", "content"));
	int file = open("file", O_RDONLY);
	char *page = map_file(file, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	page[0] = 'C';
	puts(page);
	WORKS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
	char *shared = map_file(file, PAGE, PROT_READ, MAP_SHARED);
	TRY(mprotect(shared, PAGE, PROT_READ | PROT_WRITE));
	print_content(file);
}

CASE(mapping_refuses)
{
	close(make_file("file", "content"));
	int writer = open("file", O_WRONLY), reader = open("file", O_RDONLY), folder = open(".", O_RDONLY), pipes[2];
	WORKS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, writer, 0));
	WORKS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, reader, 1));
	WORKS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, folder, 0));
	TRY(pipe(pipes));
	WORKS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, pipes[0], 0));
}

CASE(mapping_at_an_offset)
{
	int file = make_file("file", "content");
	TRY(pwrite(file, "second", 6, PAGE));
	char *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, PAGE);
	CHECK(page != MAP_FAILED);
	puts(page);
	TRY(pwrite(file, "S", 1, PAGE));
	puts(page);
}

CASE(mapping_beyond_the_end)
{
	int file = make_file("file", "content");
	char *pages = map_file(file, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	printf("%d", touch(pages + PAGE - 1, true));
	printf(" %d", touch(pages + PAGE, false));
	CHECK(touch_code == BUS_ADRERR);
	TRY(ftruncate(file, 2 * PAGE));
	printf("%d %d\n", touch(pages + PAGE, true), touch(pages + 2 * PAGE, true));
}

CASE(mapping_of_a_file_that_shrinks)
{
	int file = make_file("file", "content");
	TRY(ftruncate(file, 3 * PAGE));
	char *pages = map_file(file, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	pages[2 * PAGE] = 'x';
	TRY(ftruncate(file, PAGE));
	printf("%d %d\n", touch(pages, true), touch(pages + 2 * PAGE, true));
	TRY(ftruncate(file, 3 * PAGE));
	printf("%d\n", pages[2 * PAGE]);
}

CASE(private_mapping_of_a_file_that_shrinks)
{
	int file = make_file("file", "content");
	TRY(ftruncate(file, 3 * PAGE));
	char *pages = map_file(file, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	pages[0] = 'C';
	pages[2 * PAGE] = 'x';
	TRY(ftruncate(file, 10));
	printf("%s %d %d\n", pages, touch(pages + PAGE, false), touch(pages + 2 * PAGE, true));
	TRY(ftruncate(file, 3 * PAGE));
	printf("%d\n", pages[2 * PAGE]);
}

CASE(mapping_of_an_empty_file)
{
	int file = make_file("file", "");
	char *page = map_file(file, PAGE, PROT_READ, MAP_SHARED);
	printf("%d\n", touch(page, false));
	TRY(pwrite(file, "now", 3, 0));
	puts(page);
}

CASE(mapping_of_an_unlinked_file)
{
	int file = make_file("file", "content");
	char *page = map_file(file, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	TRY(unlink("file"));
	TRY(close(file));
	page[0] = 'C';
	puts(page);
	TRY(munmap(page, PAGE));
}

CASE(mapping_as_a_target_of_read)
{
	int file = make_file("file", "content"), other = make_file("other", "12345678");
	char *page = map_file(file, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	TRY(pread(other, page + 2, 3, 0));
	print_content(file);
	TRY(pwrite(other, page, 7, 0));
	print_content(other);
}

CASE(mapping_is_truncated_in_the_last_page)
{
	int file = make_file("file", "content");
	char *page = map_file(file, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	page[100] = 'x';
	TRY(ftruncate(file, 3));
	TRY(ftruncate(file, 200));
	printf("%d %d\n", page[2], page[100]);
	print_content(file);
}

CASE(mapping_is_grown_by_mremap)
{
	int file = make_file("file", "content");
	TRY(pwrite(file, "second", 6, PAGE));
	char *page = map_file(file, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	char *pages = mremap(page, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	CHECK(pages != MAP_FAILED);
	puts(pages + PAGE);
	pages[PAGE] = 'S';
	char byte = 0;
	TRY(pread(file, &byte, 1, PAGE));
	printf("%c\n", byte);
}

CASE(mapping_dontneed_reads_again)
{
	int file = make_file("file", "content");
	char *page = map_file(file, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	page[0] = 'C';
	puts(page);
	TRY(madvise(page, PAGE, MADV_DONTNEED));
	puts(page);
	char *shared = map_file(file, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	shared[0] = 'X';
	TRY(madvise(shared, PAGE, MADV_DONTNEED));
	puts(shared);
}

CASE(mapping_of_dev_zero)
{
	int file = open("/dev/zero", O_RDWR);
	char *page = map_file(file, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	printf("%d\n", touch(page, true));
}

CASE(memfd_is_a_file)
{
	int file = (int)WORKS(syscall(SYS_memfd_create, "name", 1));
	TRY(write(file, "content", 7));
	print_content(file);
	TRY(fcntl(file, F_GETFD));
	TRY(ftruncate(file, PAGE));
	char *page = map_file(file, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	page[0] = 'C';
	print_content(file);
	struct stat status;
	TRY(fstat(file, &status));
	printf("%d %ld %ld\n", S_ISREG(status.st_mode), (long)status.st_size, (long)status.st_nlink);
}
