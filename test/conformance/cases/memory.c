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

CASE(crash_of_a_null_pointer)
{
	puts("before");
	*(volatile char *)nowhere = 1;
	puts("after");
}

CASE(exit_status_of_exit)
{
	_exit(259);
}
