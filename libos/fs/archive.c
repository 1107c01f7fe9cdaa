/* The archive that the machine was started with: cpio in the format "newc" (Linux, driver-api/early-userspace/buffer-format). */
#include "node.h"

enum { HEADER_SIZE = 110, FIELD = 8, FIELDS_START = 6 };
enum { INODE, MODE, OWNER, GROUP, LINKS, TIME, SIZE, MAJOR, MINOR, DEVICE_MAJOR, DEVICE_MINOR, NAME_SIZE, FIELDS = 13 };

static uint64_t archive, archive_end;

bool libos_archive_holds(uint64_t page);
bool libos_archive_holds(uint64_t page)
{
	return page >= archive && page < archive_end;
}

void libos_archive_found(const struct libos_boot *boot);
void libos_archive_found(const struct libos_boot *boot)
{
	archive = boot->archive;
	archive_end = archive + boot->archive_size;
}

static bool read_header(const char *header, uint32_t fields[FIELDS])
{
	static const char magic[FIELDS_START] = {'0', '7', '0', '7', '0', '1'};
	for (unsigned i = 0; i < FIELDS_START; i++)
		if (header[i] != magic[i])
			return false;
	for (unsigned field = 0; field < FIELDS; field++) {
		fields[field] = 0;
		for (unsigned i = 0; i < FIELD; i++) {
			char digit = header[FIELDS_START + field * FIELD + i];
			unsigned value = digit >= 'a' ? digit - 'a' + 10u : digit >= 'A' ? digit - 'A' + 10u : digit - (unsigned)'0';
			if (value > 15)
				return false;
			fields[field] = fields[field] << 4 | value;
		}
	}
	return true;
}

/* False: no memory. */
static bool add(const char *name, const uint32_t fields[FIELDS], const char *content)
{
	struct libos_node *node = libos_root_add(name, fields[MODE]);
	if (!node)
		return false;
	if (node->mode != fields[MODE])
		return true; /* another file had that name */
	node->owner = fields[OWNER];
	node->group = fields[GROUP];
	node->accessed = node->modified = node->changed = fields[TIME] * 1000000000ull;
	if (libos_is(node, S_IFREG)) {
		node->size = node->data.archive_size = fields[SIZE];
		node->data.archive = content;
	} else if (libos_is(node, S_IFLNK)) {
		libos_free(node->target);
		node->size = fields[SIZE];
		if (!(node->target = libos_allocate(node->size + 1)))
			return false;
		libos_memcpy(node->target, content, node->size);
	}
	return true;
}

/* Reads up to the trailer; what is damaged ends it. */
void libos_archive_read(void);
void libos_archive_read(void)
{
	const char *start = libos_physical(archive), *next = start;
	size_t size = archive_end - archive;
	uint32_t fields[FIELDS];
	while (archive && size - (size_t)(next - start) >= HEADER_SIZE) {
		size_t left = size - (size_t)(next - start);
		const char *name = next + HEADER_SIZE;
		if (!read_header(next, fields))
			break;
		uint64_t content = (HEADER_SIZE + (uint64_t)fields[NAME_SIZE] + 3) & -4ul;
		uint64_t end = (content + fields[SIZE] + 3) & -4ul;
		if (!fields[NAME_SIZE] || content + fields[SIZE] > left || name[fields[NAME_SIZE] - 1])
			break;
		if (libos_equal(name, "TRAILER!!!"))
			return;
		uint32_t type = fields[MODE] & S_IFMT;
		if ((type == S_IFREG || type == S_IFDIR || type == S_IFLNK) && !add(name, fields, next + content))
			break;
		next += end < left ? end : left;
	}
	if (archive)
		libos_print("*** the archive of files is damaged, or larger than memory\n");
}
