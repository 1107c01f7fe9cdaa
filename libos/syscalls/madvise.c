/* Advice and requests about memory; only MADV_DONTNEED changes what the program can see: its pages begin anew. */
#include "areas.h"
#include "range.h"
#include "share.h"

/* All that Linux knows for a program's own memory: madvise(2). */
static bool is_known(int advice)
{
	return (advice >= MADV_NORMAL && advice <= MADV_DONTNEED) || (advice >= MADV_FREE && advice <= MADV_COLLAPSE);
}

long libos_sys_madvise(uintptr_t address, size_t size, int advice)
{
	size = libos_round_up(size);
	if (!libos_is_range(address, size) || !is_known(advice))
		return -EINVAL;
	if (!libos_covered(address, size))
		return -ENOMEM;
	if (advice == MADV_DONTNEED) {
		if (!libos_is_replaceable(address, size))
			return -EINVAL;
		libos_table_clear(address, address + size);
	}
	return 0;
}

long libos_sys_msync(uintptr_t address, size_t size, int flags)
{
	size = libos_round_up(size);
	if (!libos_is_range(address, size) || (flags & ~(MS_ASYNC | MS_SYNC | MS_INVALIDATE)) || (flags & MS_ASYNC && flags & MS_SYNC))
		return -EINVAL;
	for (const struct libos_area *area = libos_area_from(address); area && area->start < address + size; area = libos_area_from(area->end)) {
		long error = libos_shares_write_back && area->file && area->shared ? libos_shares_write_back(area) : 0;
		if (error)
			return error;
	}
	return libos_covered(address, size) ? 0 : -ENOMEM;
}

/* Nothing is ever swapped out. */
long libos_sys_mlock(uintptr_t address, size_t size)
{
	size = libos_round_up(size + address % LIBOS_PAGE_SIZE);
	address &= -(uintptr_t)LIBOS_PAGE_SIZE;
	return libos_is_range(address, size) && libos_covered(address, size) ? 0 : -ENOMEM;
}
long libos_sys_mlock2(uintptr_t address, size_t size, unsigned flags)
{
	return flags & ~(unsigned)MLOCK_ONFAULT ? -EINVAL : libos_sys_mlock(address, size);
}
long libos_sys_munlock(uintptr_t address, size_t size)
{
	return libos_sys_mlock(address, size);
}
long libos_sys_mlockall(int flags)
{
	return !flags || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ? -EINVAL : 0;
}
long libos_sys_munlockall(void)
{
	return 0;
}

/* Which pages are there: mincore(2). */
long libos_sys_mincore(uintptr_t address, size_t size, unsigned char *present)
{
	size = libos_round_up(size);
	if (address % LIBOS_PAGE_SIZE)
		return -EINVAL;
	if (!libos_is_range(address, size) || !libos_covered(address, size))
		return -ENOMEM;
	if (!libos_writable(present, size / LIBOS_PAGE_SIZE))
		return -EFAULT;
	for (size_t i = 0; i < size / LIBOS_PAGE_SIZE; i++) {
		const uint64_t *entry = libos_table_entry(address + i * LIBOS_PAGE_SIZE, false);
		present[i] = entry && *entry;
	}
	return 0;
}

/* On one CPU every switch of threads is a barrier: membarrier(2). */
long libos_sys_membarrier(int command, unsigned flags)
{
	enum { QUERY = 0, ALL = 0x1ff };
	if (flags || command & ~ALL)
		return -EINVAL;
	return command == QUERY ? ALL : 0;
}
