/* New descriptors: the table grows up to the limit. */
#include "descriptors.h"

bool libos_descriptor_room(unsigned descriptor)
{
	if (descriptor < libos_descriptor_count)
		return true;
	unsigned count = 2 * descriptor + 26;
	struct libos_descriptor *table = libos_allocate(count * sizeof *table);
	if (!table)
		return false;
	libos_memcpy(table, libos_descriptors, libos_descriptor_count * sizeof *table);
	if (libos_descriptor_count > LIBOS_STANDARD_DESCRIPTORS)
		libos_free(libos_descriptors);
	libos_descriptors = table;
	libos_descriptor_count = count;
	return true;
}

int libos_descriptor_find(unsigned lowest)
{
	bool first = lowest <= libos_first_free_descriptor;
	unsigned descriptor = first ? libos_first_free_descriptor : lowest;
	while (libos_file((int)descriptor))
		descriptor++;
	if (first)
		libos_first_free_descriptor = descriptor;
	return descriptor < libos_descriptor_limit && libos_descriptor_room(descriptor) ? (int)descriptor : -EMFILE;
}

void libos_descriptor_set(unsigned descriptor, struct libos_file *file, bool close_on_exec)
{
	libos_descriptors[descriptor] = (struct libos_descriptor){file, close_on_exec};
	if (descriptor == libos_first_free_descriptor)
		libos_first_free_descriptor++;
}

int libos_descriptor_add(struct libos_file *file, bool close_on_exec)
{
	int descriptor = libos_descriptor_find(0);
	if (descriptor < 0)
		libos_file_release(file);
	else
		libos_descriptor_set((unsigned)descriptor, file, close_on_exec);
	return descriptor;
}
