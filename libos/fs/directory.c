/* Directories: names in a hash table, and in the order in which they came. */
#include "node.h"

/* FNV-1a. */
static uint32_t hash_of(const char *name, size_t length)
{
	uint32_t hash = 2166136261u;
	while (length--)
		hash = (hash ^ (unsigned char)*name++) * 16777619u;
	return hash;
}

static bool is_named(const struct libos_entry *entry, const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (entry->name[i] != name[i])
			return false;
	return !entry->name[length];
}

struct libos_entry *libos_directory_find(struct libos_node *node, const char *name, size_t length)
{
	const struct libos_directory *directory = &node->directory;
	uint32_t hash = hash_of(name, length);
	if (!directory->bucket_count)
		return NULL;
	struct libos_entry *entry = directory->buckets[hash & (directory->bucket_count - 1)];
	while (entry && (entry->hash != hash || !is_named(entry, name, length)))
		entry = entry->next_in_bucket;
	return entry;
}

static void put_in_bucket(struct libos_directory *directory, struct libos_entry *entry)
{
	struct libos_entry **bucket = &directory->buckets[entry->hash & (directory->bucket_count - 1)];
	entry->next_in_bucket = *bucket;
	*bucket = entry;
}

/* As many buckets as names, at least. */
static bool grow(struct libos_directory *directory)
{
	enum { FIRST = 8 };
	if (directory->count < directory->bucket_count)
		return true;
	size_t count = directory->bucket_count ? 2 * directory->bucket_count : FIRST;
	struct libos_entry **buckets = libos_allocate(count * sizeof(*buckets));
	if (!buckets)
		return directory->bucket_count != 0;
	libos_free(directory->buckets);
	directory->buckets = buckets;
	directory->bucket_count = count;
	for (struct libos_entry *entry = directory->first; entry; entry = entry->next)
		put_in_bucket(directory, entry);
	return true;
}

long libos_directory_add(struct libos_node *node, const char *name, size_t length, struct libos_node *child)
{
	struct libos_directory *directory = &node->directory;
	struct libos_entry *entry = grow(directory) ? libos_allocate(sizeof *entry + length + 1) : NULL;
	if (!entry)
		return -ENOSPC;
	entry->node = child;
	entry->hash = hash_of(name, length);
	entry->position = ++directory->next_position;
	libos_memcpy(entry->name, name, length);
	entry->previous = directory->last;
	if (directory->last)
		directory->last->next = entry;
	else
		directory->first = entry;
	directory->last = entry;
	put_in_bucket(directory, entry);
	directory->count++;
	child->links++;
	if (libos_is(child, S_IFDIR)) {
		child->links = 2;
		child->directory.parent = node;
		node->links++;
	}
	libos_node_modified(node);
	node->size = directory->count * sizeof *entry;
	child->changed = node->changed;
	return 0;
}

void libos_directory_remove(struct libos_node *node, struct libos_entry *entry)
{
	struct libos_directory *directory = &node->directory;
	struct libos_entry **link = &directory->buckets[entry->hash & (directory->bucket_count - 1)];
	while (*link != entry)
		link = &(*link)->next_in_bucket;
	*link = entry->next_in_bucket;
	if (entry->previous)
		entry->previous->next = entry->next;
	else
		directory->first = entry->next;
	if (entry->next)
		entry->next->previous = entry->previous;
	else
		directory->last = entry->previous;
	directory->count--;
	struct libos_node *child = entry->node;
	libos_free(entry);
	child->links--;
	if (libos_is(child, S_IFDIR)) {
		child->links = 0;
		child->directory.parent = libos_root(); /* until it has another */
		node->links--;
	}
	libos_node_modified(node);
	node->size = directory->count * sizeof *entry;
	child->changed = node->changed;
	libos_node_keep(child);
	libos_node_release(child);
}

/* Only of directories that are filled anew, which hold no directories. */
void libos_directory_clear(struct libos_node *node)
{
	while (node->directory.first)
		libos_directory_remove(node, node->directory.first);
	node->directory.next_position = 0;
}
