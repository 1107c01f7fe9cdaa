/* mremap: areas grow where they are, or move with their pages. */
#include "areas.h"
#include "range.h"

long libos_sys_mremap(uintptr_t address, size_t old_size, size_t new_size, int flags, uintptr_t new_address)
{
	old_size = libos_round_up(old_size);
	new_size = libos_round_up(new_size);
	if (address % LIBOS_PAGE_SIZE || !new_size || !old_size || (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) ||
	    (flags & MREMAP_DONTUNMAP && (old_size != new_size || !(flags & MREMAP_MAYMOVE))))
		return -EINVAL;
	const struct libos_area *old = libos_area_from(address);
	if (!libos_is_replaceable(address, old_size) || !old || old->start > address || old->end < address + old_size)
		return -EFAULT;
	struct libos_area area = *old;
	area.offset += address - old->start;
	if (flags & MREMAP_FIXED) {
		if (!(flags & MREMAP_MAYMOVE) || !libos_is_replaceable(new_address, new_size) ||
		    (new_address < address + old_size && address < new_address + new_size))
			return -EINVAL;
		int error = libos_unmap(new_address, new_size);
		if (error)
			return error;
	} else if (flags & MREMAP_DONTUNMAP) {
		if (!(new_address = libos_find_unused(new_size)))
			return -ENOMEM;
	} else if (new_size <= old_size) {
		int error = new_size < old_size ? libos_unmap(address + new_size, old_size - new_size) : 0;
		return error ? error : (long)address;
	} else if (libos_unused(address + old_size, new_size - old_size)) {
		area.start = address + old_size;
		area.end = address + new_size;
		area.offset += old_size;
		int error = libos_area_add(&area);
		return error ? error : (long)address;
	} else if (!(flags & MREMAP_MAYMOVE) || !(new_address = libos_find_unused(new_size)))
		return -ENOMEM;
	area.start = new_address;
	area.end = new_address + new_size;
	size_t kept = new_size < old_size ? new_size : old_size;
	int error = libos_area_add(&area);
	if (error)
		return error;
	error = libos_table_move(address, new_address, kept);
	if (!error && !(flags & MREMAP_DONTUNMAP)) /* else it stays, without its pages */
		error = libos_unmap(address, old_size);
	if (error) { /* back: those tables are there */
		libos_table_move(new_address, address, kept);
		libos_unmap(new_address, new_size);
	}
	return error ? error : (long)new_address;
}
