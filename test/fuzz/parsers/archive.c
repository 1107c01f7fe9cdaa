/* The input is an archive of files (cpio): the file system is made of it, and each of its files is read, changed and removed. */
#include "host.h"
/* Its root is made once; here, in each run. */
#include "../../../libos/fs/root.c"
#include "areas.h"

void libos_archive_found(const struct libos_boot *boot);

void libos_devices_add(void)
{
}

void libos_system_files_add(void)
{
}

struct libos_area *libos_area_from(uintptr_t address)
{
	(void)address;
	return NULL;
}

void libos_table_clear(uintptr_t start, uintptr_t end)
{
	(void)start, (void)end;
}

struct libos_node *libos_opened_node(struct libos_file *file)
{
	(void)file;
	return NULL;
}

static void use_file(struct libos_node *node)
{
	static char buffer[3 * LIBOS_PAGE_SIZE];
	uint64_t size = node->size;
	libos_data_read(node, buffer, sizeof buffer, 0);
	libos_data_read(node, buffer, sizeof buffer, size > 100 ? size - 100 : 0);
	libos_data_seek(node, 0, true);
	libos_data_page(node, size / 2);
	libos_data_write(node, "changed", 7, size / 2);
	libos_data_resize(node, size / 3);
	libos_data_read(node, buffer, sizeof buffer, 0);
	libos_data_resize(node, size + 5000);
	if (size && libos_data_seek(node, 0, true) > (int64_t)node->size)
		__builtin_trap();
	libos_data_read(node, buffer, sizeof buffer, size > 5000 ? size - 5000 : 0);
}

static void use(struct libos_node *directory)
{
	for (struct libos_entry *entry = directory->directory.first; entry; entry = directory->directory.first) {
		struct libos_node *node = entry->node;
		if (libos_directory_find(directory, entry->name, libos_strlen(entry->name)) != entry)
			__builtin_trap();
		if (libos_is(node, S_IFDIR))
			use(node);
		else if (libos_is(node, S_IFREG))
			use_file(node);
		else if (libos_is(node, S_IFLNK) && libos_strlen(node->target) > node->size)
			__builtin_trap();
		libos_directory_remove(directory, entry);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct libos_boot boot = {.archive = (uintptr_t)host_copy(data, size), .archive_size = size};
	libos_archive_found(&boot);
	root = NULL;
	use(libos_root());
	host_free_all();
	return 0;
}
