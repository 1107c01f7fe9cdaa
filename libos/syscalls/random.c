/* Random bytes for the program. */
#include "libos.h"
#include <linux/random.h>

long libos_sys_getrandom(void *buffer, size_t size, unsigned flags)
{
	const unsigned both = GRND_RANDOM | GRND_INSECURE;
	if (flags & ~(GRND_NONBLOCK | both) || (flags & both) == both)
		return -EINVAL;
	if (!libos_writable(buffer, size))
		return -EFAULT;
	libos_random(buffer, size);
	return (long)size;
}
