/* The file system in memory: nodes, and directories that name them. */
#ifndef LIBOS_NODE_H
#define LIBOS_NODE_H
#include "file.h"
#include <linux/stat.h>

enum { LIBOS_NAME_MAX = 255, LIBOS_PATH_MAX = 4096 };
#define LIBOS_FILE_MAX ((uint64_t)INT64_MAX >> 8)

struct libos_node;
struct libos_text;
struct libos_walk;
struct statfs;

/* A name in a directory. */
struct libos_entry {
	struct libos_entry *next_in_bucket, *next, *previous; /* in the order in which they came */
	struct libos_node *node;
	uint64_t position;
	uint32_t hash;
	char name[];
};

/* The content of a regular file: a tree of tables of 512 pages; what is not in it is in the archive, or zero. */
struct libos_data {
	uint64_t tree;	 /* physical page: the file's only one, or a table */
	unsigned height; /* of tables above the pages */
	bool mapped;	 /* it was, and may be */
	const char *archive;
	uint64_t archive_size;
};

struct libos_directory {
	struct libos_entry **buckets, *first, *last;
	size_t bucket_count, count;
	uint64_t next_position;
	struct libos_node *parent;
	/* fills in what is there now; null: what is there stays */
	void (*refresh)(struct libos_node *directory);
};

/* A file whose content is made when it is opened, and what becomes of what is written to it (null: it cannot be written). */
struct libos_generator {
	void (*text)(struct libos_text *text, struct libos_node *node);
	long (*write)(const char *text, size_t size);
};

/* What a device does; `open` gives the file itself with one reference, for what is more than read and write. */
struct libos_device {
	long (*read)(char *buffer, size_t size);
	long (*write)(const char *buffer, size_t size);
	long (*open)(struct libos_node *node, unsigned flags, struct libos_file **file);
	bool zeros; /* mapping it gives zeros */
};

/* What is to change of a node, as utimensat(2) and its like have it; what is not in `fields` stays. */
enum { LIBOS_CHANGE_MODE = 1, LIBOS_CHANGE_OWNER = 2, LIBOS_CHANGE_GROUP = 4, LIBOS_CHANGE_SIZE = 8, LIBOS_CHANGE_ACCESSED = 16, LIBOS_CHANGE_MODIFIED = 32 };
struct libos_change {
	unsigned fields;
	uint32_t mode, owner, group;
	uint64_t size, accessed, modified;
};

/*
 * Of a node that is not in memory alone, such as those of a shared folder (share/): what asks for it, and changes it, where it is.
 * Results are 0 or a negative errno, if nothing else is said. None of these lets another thread run.
 */
struct libos_backing {
	/* the entry of a name as it is now; null: there is none */
	long (*find)(struct libos_node *directory, const char *name, size_t length, struct libos_entry **entry);
	/* makes what `node` is like (a regular file, a directory, a symbolic link), or one more name for a node that has one */
	long (*add)(struct libos_node *directory, const char *name, size_t length, struct libos_node *node);
	long (*remove)(struct libos_node *directory, struct libos_entry *entry);
	long (*rename)(const struct libos_walk *old, const struct libos_walk *new);
	/* adds records to the buffer, from the offset on, and moves that; how many bytes they are */
	long (*list)(struct libos_node *directory, char *buffer, size_t size, uint64_t *offset);
	/* before the file of an open node is made */
	long (*open)(struct libos_node *node, unsigned flags);
	/* nobody has the node any more; where it has no name either, it goes after this */
	void (*idle)(struct libos_node *node);
	/* takes over what is known of it elsewhere, as far as that can be asked */
	void (*refresh)(struct libos_node *node);
	void (*status)(const struct libos_node *node, struct stat *status); /* what a node has no member for */
	long (*change)(struct libos_node *node, const struct libos_change *change);
	long (*read)(struct libos_node *node, char *buffer, size_t size, uint64_t offset);
	long (*write)(struct libos_node *node, const char *buffer, size_t size, uint64_t offset);
	long (*synchronise)(struct libos_node *node, bool data_only);
	long (*space)(struct libos_node *node, struct statfs *space);
	/* as libos_data_page; `written`: by a mapping that others share */
	uint64_t (*page)(struct libos_node *node, uint64_t offset, bool written);
};

struct libos_node {
	const struct libos_backing *backing; /* null: it is in memory */
	uint64_t inode, size, device_number;
	uint64_t accessed, modified, changed; /* nanoseconds since 1970 */
	uint32_t mode, owner, group, links, references;
	const struct libos_generator *generator;
	const struct libos_device *device;
	union {
		struct libos_data data;
		struct libos_directory directory;
		char *target;
		struct libos_fifo *fifo; /* null: nobody has it open */
	};
};

/* fs/node.c: a new node with no link and one reference; null: no memory */
struct libos_node *libos_node_make(uint32_t mode);
void libos_node_keep(struct libos_node *node);
void libos_node_release(struct libos_node *node); /* and it goes, when no name and no reference is left */
void libos_node_modified(struct libos_node *node);
void libos_node_status(struct libos_node *node, struct stat *status);
/* Changes what can be changed besides content and names, and the size. */
long libos_node_change(struct libos_node *node, const struct libos_change *change);
static inline bool libos_is(const struct libos_node *node, uint32_t type)
{
	return (node->mode & S_IFMT) == type;
}
extern uint32_t libos_umask;

/* fs/directory.c */
struct libos_entry *libos_directory_find(struct libos_node *directory, const char *name, size_t length);
long libos_directory_add(struct libos_node *directory, const char *name, size_t length, struct libos_node *node);
void libos_directory_remove(struct libos_node *directory, struct libos_entry *entry);
void libos_directory_clear(struct libos_node *directory);
/* The same where the directory is, which may be elsewhere. */
static inline long libos_name_add(struct libos_node *directory, const char *name, size_t length, struct libos_node *node)
{
	if (directory->backing)
		return directory->backing->add(directory, name, length, node);
	return node->backing ? -EXDEV : libos_directory_add(directory, name, length, node);
}
/* Whether a node is what a path leads to from elsewhere: it stays where it is. */
static inline bool libos_is_mounted(const struct libos_node *node, const struct libos_node *parent)
{
	return node->backing && !parent->backing;
}

/* fs/data.c */
long libos_data_read(struct libos_node *node, char *buffer, size_t size, uint64_t offset);
long libos_data_write(struct libos_node *node, const char *buffer, size_t size, uint64_t offset);
void libos_data_resize(struct libos_node *node, uint64_t size);
/* the physical page that holds this offset, for mappings; made if there is none; 0: none left; or LIBOS_PAGE_BEYOND_END */
enum { LIBOS_PAGE_BEYOND_END = 1 };
uint64_t libos_data_page(struct libos_node *node, uint64_t offset);
/* The place of a page in the tree; null: there is no table for it. */
uint64_t *libos_data_slot(struct libos_data *data, uint64_t index, bool make);
void libos_data_punch(struct libos_node *node, uint64_t start, uint64_t end);

/* fs/holes.c: the first offset from there on, which is in the file, of data or of a hole, or -ENXIO; and how many pages the file has */
int64_t libos_data_seek(const struct libos_node *node, uint64_t offset, bool hole);
uint64_t libos_data_pages(const struct libos_node *node);
/* The first page from `first` on that the file has; UINT64_MAX: none. */
uint64_t libos_data_next(const struct libos_data *data, uint64_t first);

/* fs/mapped.c: `map` of the kinds that can be mapped */
enum libos_fault libos_node_map(const struct libos_area *area, uintptr_t page, int access, uint64_t *entry);

/* fs/walk.c: where a path leads to */
struct libos_walk {
	struct libos_node *node;   /* null: there is none of that name in the parent */
	struct libos_node *parent; /* null: the path ends with no name, as "/" and "..": see `node` */
	const char *name;
	size_t length;
	bool ends_with_slash;
	unsigned links;
};
/* `directory` is a descriptor or AT_FDCWD; 0 or a negative errno. Checks that the program may read the path. */
long libos_walk(struct libos_walk *walk, int directory, const char *path, bool follow);
/* The same, and -ENOENT where there is no node. */
long libos_walk_to_node(struct libos_walk *walk, int directory, const char *path, bool follow);
/* The same for a path that is in the library OS's memory, and not empty: from the working directory. */
long libos_walk_own(struct libos_walk *walk, const char *path, bool follow);
extern struct libos_node *libos_working_directory;
/* The path of a node that is in that directory, at the end of the buffer; null: it has none, or it is too long. */
char *libos_path_of(struct libos_node *node, struct libos_node *parent, char *buffer, size_t size);

/* fs/root.c: made when it is asked for first */
struct libos_node *libos_root(void);
/* A node with a name, and the directories to it; what is there already stays. Null: no memory. */
struct libos_node *libos_root_add(const char *path, uint32_t mode);

/* fs/opened.c: the file of an open node */
long libos_open_node(struct libos_node *node, struct libos_node *parent, unsigned flags, struct libos_file **file);
struct libos_node *libos_opened_node(struct libos_file *file); /* null: it is no node's */
struct libos_node *libos_opened_parent(struct libos_file *file);

/* fs/text.c: text that grows */
struct libos_text {
	char *bytes;
	size_t size, capacity;
};
void libos_text_add(struct libos_text *text, const char *string);
void libos_text_add_bytes(struct libos_text *text, const char *bytes, size_t size);
void libos_text_add_number(struct libos_text *text, uint64_t number);
void libos_text_add_hex(struct libos_text *text, uint64_t number);
#endif
