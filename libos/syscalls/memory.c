/* The program's memory: the heap (brk) and mappings. */
#include "file.h"
#include <asm/mman.h>
#include <linux/mman.h>

enum { PROTECTIONS = PROT_READ | PROT_WRITE | PROT_EXEC };

static uintptr_t round_up(uintptr_t value)
{
	return (value + LIBOS_PAGE_SIZE - 1) & -(uintptr_t)LIBOS_PAGE_SIZE;
}

static bool is_range(uintptr_t address, size_t size)
{
	return address % LIBOS_PAGE_SIZE == 0 && address < LIBOS_DIRECT_MAP && size <= LIBOS_DIRECT_MAP - address;
}

uintptr_t libos_sys_brk(uintptr_t wanted)
{
	static uintptr_t end;
	uintptr_t start = round_up((uintptr_t)_end);
	if (!end)
		end = start;
	if (wanted < start || wanted > LIBOS_MMAP_START)
		return end;
	uintptr_t old = round_up(end), new = round_up(wanted);
	if (new > old && (!libos_unused(old, new - old) || libos_map(old, new - old, PROT_READ | PROT_WRITE)))
		return end;
	if (new < old)
		libos_unmap(new, old - new);
	return end = wanted;
}

long libos_sys_mmap(uintptr_t address, size_t size, int prot, int flags, int descriptor)
{
	if (!size || (prot & ~PROTECTIONS))
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS))
		return libos_file(descriptor) ? -ENODEV : -EBADF;
	if (size > LIBOS_DIRECT_MAP)
		return -ENOMEM;
	size = round_up(size);
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (!is_range(address, size) || !address)
			return address % LIBOS_PAGE_SIZE ? -EINVAL : -ENOMEM;
		if (!libos_unused(address, size)) {
			if (flags & MAP_FIXED_NOREPLACE)
				return -EEXIST;
			libos_unmap(address, size);
		}
	} else if (!address || !is_range(address, size) || !libos_unused(address, size)) {
		address = libos_find_unused(size);
		if (!address)
			return -ENOMEM;
	}
	int error = libos_map(address, size, prot);
	return error ? error : (long)address;
}

long libos_sys_munmap(uintptr_t address, size_t size)
{
	size = round_up(size);
	if (!size || !is_range(address, size))
		return -EINVAL;
	libos_unmap(address, size);
	return 0;
}

long libos_sys_mprotect(uintptr_t address, size_t size, int prot)
{
	if (address % LIBOS_PAGE_SIZE || (prot & ~PROTECTIONS))
		return -EINVAL;
	return size ? libos_protect(address, round_up(size), prot) : 0;
}

long libos_sys_mremap(uintptr_t address, size_t old_size, size_t new_size, int flags, uintptr_t new_address)
{
	old_size = round_up(old_size);
	new_size = round_up(new_size);
	if (address % LIBOS_PAGE_SIZE || !new_size || !old_size || (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED)))
		return -EINVAL;
	if (!libos_mapped(address, old_size))
		return -EFAULT;
	if (flags & MREMAP_FIXED) {
		if (!(flags & MREMAP_MAYMOVE) || !is_range(new_address, new_size) || !new_address)
			return -EINVAL;
		if (new_address < address + old_size && address < new_address + new_size)
			return -EINVAL;
		libos_unmap(new_address, new_size);
	} else if (new_size > old_size && libos_unused(address + old_size, new_size - old_size)) {
		int error = libos_map(address + old_size, new_size - old_size, PROT_READ | PROT_WRITE);
		return error ? error : (long)address;
	} else if (new_size > old_size) {
		if (!(flags & MREMAP_MAYMOVE) || !(new_address = libos_find_unused(new_size)))
			return -ENOMEM;
	} else
		new_address = address;
	if (new_size > old_size) {
		int error = libos_map(new_address + old_size, new_size - old_size, PROT_READ | PROT_WRITE);
		if (error)
			return error;
	} else if (new_size < old_size)
		libos_unmap(address + new_size, old_size - new_size);
	if (new_address != address) {
		int error = libos_move(address, new_address, new_size < old_size ? new_size : old_size);
		if (error)
			return error;
	}
	return (long)new_address;
}

/* Only MADV_DONTNEED changes what the program can see: its pages read as zero. */
long libos_sys_madvise(uintptr_t address, size_t size, int advice)
{
	size = round_up(size);
	if (!is_range(address, size))
		return -EINVAL;
	if (!libos_mapped(address, size))
		return -ENOMEM;
	for (uintptr_t page = address; advice == MADV_DONTNEED && page < address + size; page += LIBOS_PAGE_SIZE)
		if (libos_writable((void *)page, LIBOS_PAGE_SIZE))
			libos_memset((void *)page, 0, LIBOS_PAGE_SIZE);
	return 0;
}
