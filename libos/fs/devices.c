/* What is in /dev. */
#include "descriptors.h"
#include "node.h"

static long read_nothing(char *buffer, size_t size)
{
	(void)buffer, (void)size;
	return 0;
}
static long read_zeros(char *buffer, size_t size)
{
	libos_memset(buffer, 0, size);
	return (long)size;
}
static long read_random(char *buffer, size_t size)
{
	libos_random(buffer, size);
	return (long)size;
}
static long write_anything(const char *buffer, size_t size)
{
	(void)buffer;
	return (long)size;
}
static long write_full(const char *buffer, size_t size)
{
	(void)buffer, (void)size;
	return -ENOSPC;
}
static long open_console(struct libos_node *node, unsigned flags, struct libos_file **file)
{
	(void)node, (void)flags;
	*file = &libos_console_file;
	libos_file_keep(*file);
	return 0;
}

static const struct {
	const char *path;
	unsigned major, minor;
	struct libos_device device;
} devices[] = {
	{"dev/null", 1, 3, {read_nothing, write_anything, NULL, false}},
	{"dev/zero", 1, 5, {read_zeros, write_anything, NULL, true}},
	{"dev/full", 1, 7, {read_zeros, write_full, NULL, false}},
	{"dev/random", 1, 8, {read_random, write_anything, NULL, false}},
	{"dev/urandom", 1, 9, {read_random, write_anything, NULL, false}},
	{"dev/tty", 5, 0, {.open = open_console}},
	{"dev/console", 5, 1, {.open = open_console}},
};

void libos_devices_add(void);
void libos_devices_add(void)
{
	for (unsigned i = 0; i < sizeof devices / sizeof *devices; i++) {
		struct libos_node *node = libos_root_add(devices[i].path, S_IFCHR | 0666);
		if (!node)
			return;
		node->device = &devices[i].device;
		node->device_number = devices[i].major << 8 | devices[i].minor;
	}
}
