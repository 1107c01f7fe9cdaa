/* ioctl(2): what every file knows, and the console's as a terminal. */
#include "descriptors.h"
#include "handlers.h"
#include <linux/fcntl.h>

long libos_console_control(struct libos_file *file, unsigned request, void *argument);
long libos_console_control(struct libos_file *file, unsigned request, void *argument)
{
	static const struct winsize size = {.ws_row = 24, .ws_col = 80};
	(void)file;
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

long libos_sys_ioctl(int descriptor, unsigned request, void *argument)
{
	struct libos_file *file = libos_file(descriptor);
	if (!file)
		return -EBADF;
	switch (request) {
	case FIONBIO:
		if (!libos_readable(argument, sizeof(int)))
			return -EFAULT;
		file->flags = *(int *)argument ? file->flags | O_NONBLOCK : file->flags & ~(unsigned)O_NONBLOCK;
		return 0;
	case FIOCLEX:
	case FIONCLEX:
		libos_descriptors[descriptor].close_on_exec = request == FIOCLEX;
		return 0;
	}
	return file->kind->control ? file->kind->control(file, request, argument) : -ENOTTY;
}
