/* Mappings of memory: mmap(2), munmap(2), mprotect(2), mremap(2), madvise(2), brk(2). */
#include "case.h"
#include <sys/uio.h>

CASE(mmap_is_zeroed_and_aligned)
{
	char *pages = map_pages(3, PROT_READ | PROT_WRITE);
	CHECK((uintptr_t)pages % PAGE == 0);
	int used = 0;
	for (int i = 0; i < 3 * PAGE; i++)
		used |= pages[i];
	printf("%d\n", used);
	TRY(munmap(pages, 3 * PAGE));
	printf("touch %d\n", touch(pages, false));
	CHECK(touch_code == SEGV_MAPERR);
}

CASE(mmap_refuses)
{
	WORKS(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	WORKS(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0));
	WORKS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0));
	WORKS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0));
	WORKS(mmap((void *)(1 << 30 | 1), PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	WORKS(mmap(NULL, SIZE_MAX, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	WORKS(mmap(NULL, (size_t)1 << 50, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

CASE(mprotect_takes_effect)
{
	char *pages = map_pages(3, PROT_READ | PROT_WRITE);
	pages[PAGE] = 5;
	TRY(mprotect(pages + PAGE, PAGE, PROT_READ));
	printf("%d %d %d\n", touch(pages, true), touch(pages + PAGE, true), touch(pages + 2 * PAGE, true));
	touch(pages + PAGE, true);
	CHECK(touch_code == SEGV_ACCERR);
	TRY(mprotect(pages + PAGE, PAGE, PROT_NONE));
	printf("%d\n", touch(pages + PAGE, false));
	TRY(mprotect(pages, 3 * PAGE, PROT_READ | PROT_WRITE));
	printf("%d %d\n", touch(pages + PAGE, true), pages[PAGE]);
}

CASE(mprotect_refuses)
{
	char *pages = map_pages(3, PROT_READ | PROT_WRITE);
	TRY(syscall(SYS_mprotect, pages + 1, PAGE, PROT_READ));
	TRY(mprotect(pages, 0, PROT_READ));
	TRY(mprotect(pages, PAGE, 0x40));
	TRY(munmap(pages + PAGE, PAGE));
	TRY(mprotect(pages, 3 * PAGE, PROT_READ));
	TRY(mprotect(pages + PAGE, PAGE, PROT_READ));
}

CASE(munmap_of_a_part)
{
	char *pages = map_pages(4, PROT_READ | PROT_WRITE);
	TRY(munmap(pages + PAGE, 2 * PAGE));
	printf("%d %d %d %d\n", touch(pages, true), touch(pages + PAGE, true), touch(pages + 2 * PAGE, true),
	       touch(pages + 3 * PAGE, true));
	TRY(munmap(pages, 4 * PAGE));
	TRY(munmap(pages, 4 * PAGE));
	printf("%d %d\n", touch(pages, true), touch(pages + 3 * PAGE, true));
}

CASE(munmap_refuses)
{
	char *page = map_pages(1, PROT_READ);
	TRY(munmap(page + 1, PAGE));
	TRY(munmap(page, 0));
	TRY(munmap(page, 1));
	printf("%d\n", touch(page, false));
}

CASE(mmap_fixed_replaces)
{
	char *pages = map_pages(3, PROT_READ | PROT_WRITE);
	memset(pages, 'a', 3 * PAGE);
	char *middle = mmap(pages + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CHECK(middle == pages + PAGE);
	printf("%d %d %d\n", pages[PAGE - 1], pages[PAGE], pages[2 * PAGE]);
	printf("%d %d %d\n", touch(pages, true), touch(middle, true), touch(pages + 2 * PAGE, true));
}

CASE(mmap_fixed_noreplace)
{
	char *pages = map_pages(3, PROT_READ | PROT_WRITE);
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | 0x100000;
	WORKS(mmap(pages + PAGE, PAGE, PROT_READ, flags, -1, 0));
	TRY(munmap(pages + PAGE, PAGE));
	CHECK(mmap(pages + PAGE, PAGE, PROT_READ, flags, -1, 0) == pages + PAGE);
}

CASE(mmap_takes_a_hint)
{
	char *pages = map_pages(3, PROT_READ);
	TRY(munmap(pages, 3 * PAGE));
	CHECK(mmap(pages + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == pages + PAGE);
	CHECK(mmap(pages + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != pages + PAGE);
	void *far = (void *)0xc000000000;
	CHECK(mmap(far, 1 << 26, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == far);
}

CASE(reservations_cost_nothing)
{
	const size_t gigabytes = (size_t)4 << 30;
	char *pages = mmap(NULL, gigabytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(pages != MAP_FAILED);
	printf("%d\n", touch(pages + gigabytes / 2, false));
	TRY(mprotect(pages + gigabytes / 2, PAGE, PROT_READ | PROT_WRITE));
	printf("%d %d\n", touch(pages + gigabytes / 2, true), touch(pages + gigabytes / 2 + PAGE, true));
	TRY(munmap(pages, gigabytes));
}

CASE(mmap_shared_anonymous)
{
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(page != MAP_FAILED);
	page[5] = 6;
	printf("%d %d\n", page[5], page[4]);
	TRY(munmap(page, PAGE));
}

CASE(mmap_can_be_executed)
{
	char *page = map_pages(1, PROT_READ | PROT_WRITE);
#ifdef __x86_64__
	memcpy(page, "\xb8\x05\x00\x00\x00\xc3", 6);
#else
	memcpy(page, "\xa0\x00\x80\x52\xc0\x03\x5f\xd6", 8);
#endif
	TRY(mprotect(page, PAGE, PROT_READ | PROT_EXEC));
	__builtin___clear_cache(page, page + 8);
	printf("%d\n", ((int (*)(void))page)());
	printf("%d\n", touch(page, true));
}

CASE(mremap_grows_and_shrinks)
{
	char *pages = map_pages(2, PROT_READ | PROT_WRITE);
	pages[0] = 1;
	pages[PAGE] = 2;
	char *moved = mremap(pages, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	CHECK(moved != MAP_FAILED);
	printf("%d %d %d\n", moved[0], moved[PAGE], moved[63 * PAGE]);
	CHECK(mremap(moved, 64 * PAGE, PAGE, 0) == moved);
	printf("%d %d\n", moved[0], touch(moved + PAGE, false));
}

CASE(mremap_in_place)
{
	char *pages = map_pages(3, PROT_READ | PROT_WRITE);
	WORKS(mremap(pages, PAGE, 2 * PAGE, 0));
	TRY(munmap(pages + PAGE, 2 * PAGE));
	CHECK(mremap(pages, PAGE, 3 * PAGE, 0) == pages);
	printf("%d\n", touch(pages + 2 * PAGE, true));
}

CASE(mremap_leaves_the_old_place)
{
	enum { STAYS = MREMAP_MAYMOVE | 4 }; /* MREMAP_DONTUNMAP */
	char *pages = map_pages(2, PROT_READ | PROT_WRITE);
	pages[PAGE] = 5;
	char *moved = (char *)syscall(SYS_mremap, pages, 2 * PAGE, 2 * PAGE, STAYS, NULL);
	CHECK(moved != MAP_FAILED && moved != pages);
	printf("%d %d\n", moved[PAGE], pages[PAGE]);
	WORKS(syscall(SYS_mremap, moved, 2 * PAGE, PAGE, STAYS, NULL));
	WORKS(syscall(SYS_mremap, moved, PAGE, PAGE, 4, NULL));
}

CASE(mremap_to_a_place)
{
	char *pages = map_pages(1, PROT_READ | PROT_WRITE), *to = map_pages(2, PROT_READ);
	pages[7] = 8;
	CHECK(mremap(pages, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	printf("%d %d %d\n", to[7], touch(to, true), touch(pages, false));
	WORKS(mremap(to, PAGE, PAGE, MREMAP_FIXED, pages));
	WORKS(mremap(to, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to));
}

CASE(mremap_refuses)
{
	char *pages = map_pages(2, PROT_READ);
	WORKS(syscall(SYS_mremap, pages + 1, PAGE, PAGE, MREMAP_MAYMOVE));
	WORKS(syscall(SYS_mremap, pages, PAGE, 0, MREMAP_MAYMOVE));
	WORKS(syscall(SYS_mremap, pages, PAGE, PAGE, 64));
	TRY(munmap(pages, 2 * PAGE));
	WORKS(syscall(SYS_mremap, pages, PAGE, PAGE, MREMAP_MAYMOVE));
	WORKS(syscall(SYS_mremap, pages, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
}

CASE(madvise_dontneed_zeroes)
{
	char *pages = map_pages(3, PROT_READ | PROT_WRITE);
	memset(pages, 'a', 3 * PAGE);
	TRY(madvise(pages + PAGE, PAGE, MADV_DONTNEED));
	printf("%d %d %d\n", pages[0], pages[PAGE], pages[2 * PAGE]);
	TRY(madvise(pages, 3 * PAGE, MADV_FREE));
	TRY(madvise(pages, 3 * PAGE, MADV_WILLNEED));
	TRY(madvise(pages, 3 * PAGE, MADV_HUGEPAGE));
	TRY(madvise(pages, 0, MADV_DONTNEED));
}

CASE(madvise_refuses)
{
	char *pages = map_pages(2, PROT_READ | PROT_WRITE);
	TRY(madvise(pages + 1, PAGE, MADV_DONTNEED));
	TRY(madvise(pages, PAGE, 999));
	TRY(munmap(pages + PAGE, PAGE));
	TRY(madvise(pages, 2 * PAGE, MADV_DONTNEED));
	TRY(madvise(pages + PAGE, PAGE, MADV_DONTNEED));
}

CASE(mincore_tells_what_is_mapped)
{
	unsigned char in[2] = {0, 0};
	char *pages = map_pages(2, PROT_READ | PROT_WRITE);
	pages[0] = 1;
	TRY(mincore(pages, PAGE, in));
	printf("%d\n", in[0] & 1);
	TRY(mincore(pages + 1, PAGE, in));
	TRY(mincore(pages, PAGE, nowhere));
	TRY(munmap(pages, 2 * PAGE));
	TRY(mincore(pages, PAGE, in));
}

CASE(mlock_and_msync)
{
	char *pages = map_pages(2, PROT_READ | PROT_WRITE);
	TRY(mlock(pages, 2 * PAGE));
	TRY(munlock(pages, 2 * PAGE));
	TRY(msync(pages, 2 * PAGE, MS_SYNC));
	TRY(msync(pages, 2 * PAGE, MS_SYNC | MS_ASYNC));
	TRY(msync(pages + 1, PAGE, MS_SYNC));
	TRY(munmap(pages, 2 * PAGE));
	TRY(mlock(pages, PAGE));
	TRY(msync(pages, PAGE, MS_SYNC));
}

CASE(brk_moves_the_end)
{
	char *end = (char *)syscall(SYS_brk, 0);
	char *start = (char *)(((uintptr_t)end + PAGE - 1) & -(uintptr_t)PAGE);
	CHECK((char *)syscall(SYS_brk, start + 4 * PAGE) == start + 4 * PAGE);
	printf("%d %d\n", start[0], touch(start + 3 * PAGE, true));
	CHECK((char *)syscall(SYS_brk, start + 5) == start + 5);
	printf("%d\n", touch(start + 2 * PAGE, true));
	CHECK((char *)syscall(SYS_brk, start + 4 * PAGE) == start + 4 * PAGE);
	printf("%d\n", start[2 * PAGE]);
	CHECK((char *)syscall(SYS_brk, 1) == start + 4 * PAGE);
	CHECK((char *)syscall(SYS_brk, end) == end);
}

CASE(page_zero_is_not_mapped)
{
	printf("%d", touch(NULL, false));
	printf(" %d\n", touch((char *)PAGE - 1, true));
	CHECK(touch_code == SEGV_MAPERR);
}

CASE(code_cannot_be_written)
{
	printf("%d\n", touch((char *)(uintptr_t)code_cannot_be_written, true));
	CHECK(touch_code == SEGV_ACCERR);
	static const char constant[] = "constant";
	printf("%d\n", touch((char *)constant, true));
}

static void sink(char *deep, int depth)
{
	volatile char frame[1024];
	frame[0] = *deep;
	if (depth)
		sink((char *)frame, depth - 1);
}

CASE(stack_is_deep)
{
	char byte = 1;
	sink(&byte, 4000);
	puts("back");
}

CASE(crash_of_a_null_pointer)
{
	puts("before");
	*(volatile char *)nowhere = 1;
	puts("after");
}
