/* close(2) and close_range(2). */
#include "descriptors.h"
#include <linux/close_range.h>

long libos_sys_close(int descriptor)
{
	return libos_descriptor_close(descriptor);
}

long libos_sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	if (first > last || flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC))
		return -EINVAL;
	for (unsigned i = first; i <= last && i < libos_descriptor_count; i++) {
		if (flags & CLOSE_RANGE_CLOEXEC)
			libos_descriptors[i].close_on_exec = true;
		else
			libos_descriptor_close((int)i);
	}
	return 0;
}
