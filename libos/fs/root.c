/* The tree as it is at first: what the archive holds, and then what programs expect where it is not there. */
#include "network.h"
#include "node.h"
#include "share.h"

/* fs/archive.c, fs/devices.c, fs/system.c */
void libos_archive_read(void);
void libos_devices_add(void);
void libos_system_files_add(void);

static struct libos_node *root;

struct libos_node *libos_root(void)
{
	if (root || !(root = libos_node_make(S_IFDIR | 0755)))
		return root;
	root->links = 2;
	root->directory.parent = root;
	libos_archive_read();
	libos_devices_add();
	libos_system_files_add();
	if (libos_resolver_file_add)
		libos_resolver_file_add();
	libos_root_add("tmp", S_IFDIR | S_ISVTX | 0777);
	libos_root_add("run", S_IFDIR | 0755);
	if (libos_shares_mount)
		libos_shares_mount();
	return root;
}

static struct libos_node *child_of(struct libos_node *directory, const char *name, size_t length, uint32_t mode)
{
	struct libos_entry *entry = libos_directory_find(directory, name, length);
	if (entry)
		return entry->node;
	struct libos_node *node = libos_node_make(mode);
	if (node && libos_directory_add(directory, name, length, node)) {
		libos_node_release(node);
		return NULL;
	}
	if (node)
		node->references--; /* its name keeps it */
	return node;
}

struct libos_node *libos_root_add(const char *path, uint32_t mode)
{
	struct libos_node *node = root;
	while (node && *path) {
		size_t length = 0;
		while (path[length] && path[length] != '/')
			length++;
		bool last = !path[length] || !path[length + 1];
		if (!libos_is(node, S_IFDIR))
			return NULL;
		if (length && !(length == 1 && *path == '.'))
			node = child_of(node, path, length, last ? mode : S_IFDIR | 0755);
		path += length + (path[length] == '/');
	}
	return node;
}
