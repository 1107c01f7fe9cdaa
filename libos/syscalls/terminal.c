/* ioctl: the console is a terminal. */
#include "handlers.h"

long libos_sys_ioctl(int descriptor, unsigned request, void *argument)
{
	static const struct winsize size = {.ws_row = 24, .ws_col = 80};
	if (!libos_descriptor_open(descriptor))
		return -EBADF;
	switch (request) {
	case TIOCGWINSZ:
		if (!libos_writable(argument, sizeof size))
			return -EFAULT;
		*(struct winsize *)argument = size;
		return 0;
	case TCGETS:
		if (!libos_writable(argument, sizeof libos_terminal))
			return -EFAULT;
		libos_memcpy(argument, &libos_terminal, sizeof libos_terminal);
		return 0;
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		if (!libos_readable(argument, sizeof libos_terminal))
			return -EFAULT;
		libos_memcpy(&libos_terminal, argument, sizeof libos_terminal);
		return 0;
	}
	return -ENOTTY;
}
