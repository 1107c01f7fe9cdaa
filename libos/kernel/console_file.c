/* The console as a file. What not every program calls of it comes with the handlers that call it. */
#include "descriptors.h"
#include <linux/fcntl.h>

/* syscalls/read.c, syscalls/poll.c, syscalls/terminal.c, syscalls/status.c */
long libos_console_file_read(struct libos_file *file, void *buffer, size_t size, uint64_t *offset) __attribute__((weak));
unsigned libos_console_file_ready(struct libos_file *file) __attribute__((weak));
long libos_console_control(struct libos_file *file, unsigned request, void *argument) __attribute__((weak));
long libos_console_status(struct libos_file *file, struct stat *status) __attribute__((weak));

static long write_console(struct libos_file *file, const void *buffer, size_t size, uint64_t *offset)
{
	(void)file, (void)offset;
	libos_console_write(buffer, size);
	return (long)size;
}

static const struct libos_file_kind kind = {
	.read = libos_console_file_read,
	.write = write_console,
	.ready = libos_console_file_ready,
	.control = libos_console_control,
	.status = libos_console_status,
};
struct libos_file libos_console_file = {.kind = &kind, .references = LIBOS_STANDARD_DESCRIPTORS, .flags = O_RDWR};
