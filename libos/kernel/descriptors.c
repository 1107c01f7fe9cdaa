/* Descriptors: which files are open. At first they are the three of the console. */
#include "descriptors.h"

static struct libos_descriptor standard[LIBOS_STANDARD_DESCRIPTORS] = {
	{&libos_console_file, false}, {&libos_console_file, false}, {&libos_console_file, false}};
struct libos_descriptor *libos_descriptors = standard;
unsigned libos_descriptor_count = LIBOS_STANDARD_DESCRIPTORS;
unsigned libos_descriptor_limit = 1024; /* as Linux begins */
unsigned libos_first_free_descriptor = LIBOS_STANDARD_DESCRIPTORS;

struct libos_file *libos_file(int descriptor)
{
	return (unsigned)descriptor < libos_descriptor_count ? libos_descriptors[descriptor].file : NULL;
}

void libos_file_keep(struct libos_file *file)
{
	file->references++;
}

void libos_file_release(struct libos_file *file)
{
	if (--file->references)
		return;
	if (libos_file_gone)
		libos_file_gone(file);
	if (file->kind->close)
		file->kind->close(file);
}

long libos_descriptor_close(int descriptor)
{
	struct libos_file *file = libos_file(descriptor);
	if (!file)
		return -EBADF;
	libos_descriptors[descriptor].file = NULL;
	if ((unsigned)descriptor < libos_first_free_descriptor)
		libos_first_free_descriptor = (unsigned)descriptor;
	libos_file_release(file);
	return 0;
}
