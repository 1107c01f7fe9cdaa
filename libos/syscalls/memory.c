/* The program's memory: the heap (brk) and mappings. */
#include "areas.h"
#include "range.h"
#include <asm/fcntl.h>

/* kernel/aslr.c: null in an image without. */
extern typeof(libos_heap_gap) libos_heap_gap __attribute__((weak));
/* Null in an image without files. */
extern typeof(libos_file) libos_file __attribute__((weak));

uintptr_t libos_sys_brk(uintptr_t wanted)
{
	static uintptr_t start, end;
	if (!end)
		end = start = libos_round_up((uintptr_t)_end) + (libos_heap_gap ? libos_heap_gap() : 0);
	if (wanted < start || wanted > LIBOS_MMAP_START)
		return end;
	uintptr_t old = libos_round_up(end), new = libos_round_up(wanted);
	if (new > old && (new - old > libos_pages_total * LIBOS_PAGE_SIZE || !libos_unused(old, new - old) ||
			  libos_map(old, new - old, PROT_READ | PROT_WRITE)))
		return end;
	if (new < old && libos_unmap(new, old - new))
		return end;
	return end = wanted;
}

/* 0, or why a file cannot be mapped like that: mmap(2). */
static long check_file(const struct libos_file *file, int prot, bool shared)
{
	if (!file || file->flags & O_PATH)
		return -EBADF;
	if ((file->flags & O_ACCMODE) == O_WRONLY || (shared && prot & PROT_WRITE && (file->flags & O_ACCMODE) != O_RDWR))
		return -EACCES;
	return file->kind->map || file->kind->zeros ? 0 : -ENODEV;
}

/* As Linux does by default: what is obviously more than there is gets refused, what might be too much does not. */
static bool is_obviously_too_much(size_t size, int prot, int flags)
{
	return prot & PROT_WRITE && !(flags & MAP_NORESERVE) && size > 2 * libos_pages_total * LIBOS_PAGE_SIZE;
}

long libos_sys_mmap(uintptr_t address, size_t size, int prot, int flags, int descriptor, uint64_t offset)
{
	struct libos_area area = {.prot = (uint8_t)prot};
	int type = flags & MAP_TYPE;
	if (!size || (prot & ~LIBOS_PROTECTIONS) || (type != MAP_PRIVATE && type != MAP_SHARED && type != MAP_SHARED_VALIDATE))
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS)) {
		area.file = libos_file ? libos_file(descriptor) : NULL;
		area.offset = offset;
		area.shared = type != MAP_PRIVATE;
		long error = offset % LIBOS_PAGE_SIZE ? -EINVAL : check_file(area.file, prot, area.shared);
		if (error)
			return error;
		if (area.file->kind->zeros) /* as without a file: zero(4) */
			area = (struct libos_area){.prot = (uint8_t)prot};
	}
	if (size > LIBOS_DIRECT_MAP || (!area.file && is_obviously_too_much(size, prot, flags)))
		return -ENOMEM;
	size = libos_round_up(size);
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (!libos_is_replaceable(address, size))
			return address % LIBOS_PAGE_SIZE ? -EINVAL : -ENOMEM;
		if (!libos_unused(address, size)) {
			if (flags & MAP_FIXED_NOREPLACE)
				return -EEXIST;
			int error = libos_unmap(address, size);
			if (error)
				return error;
		}
	} else if (!address || !libos_is_range(address, size) || !libos_unused(address, size)) {
		address = libos_find_unused(size);
		if (!address)
			return -ENOMEM;
	}
	area.start = address;
	area.end = address + size;
	int error = libos_area_add(&area);
	return error ? error : (long)address;
}

long libos_sys_munmap(uintptr_t address, size_t size)
{
	size = libos_round_up(size);
	if (!size || !libos_is_replaceable(address, size))
		return -EINVAL;
	return libos_unmap(address, size);
}

long libos_sys_mprotect(uintptr_t address, size_t size, int prot)
{
	if (address % LIBOS_PAGE_SIZE || (prot & ~LIBOS_PROTECTIONS))
		return -EINVAL;
	size = libos_round_up(size);
	uintptr_t end = address + size;
	if (!size)
		return 0;
	if (!libos_is_range(address, size) || !libos_covered(address, size) || libos_area_split(address) || libos_area_split(end))
		return -ENOMEM;
	for (struct libos_area *area; address < end; address = area->end) {
		area = libos_area_from(address);
		if (area->shared && prot & PROT_WRITE && (area->file->flags & O_ACCMODE) != O_RDWR)
			return -EACCES;
		area->prot = (uint8_t)prot;
		libos_table_protect(area);
		libos_area_join(area->start);
		area = libos_area_from(address);
	}
	libos_area_join(end);
	return 0;
}
