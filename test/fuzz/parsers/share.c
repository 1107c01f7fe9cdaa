/* The input is what a program does with a shared folder, and what the host answers to that, which is right, wrong or nonsense. */
#include "host.h"
/* Its root is made once, and shares are mounted once; here, in each run. */
#include "../../../libos/fs/root.c"
#include "../../../libos/share/mount.c"
#include "../../../libos/share/shared.h"
#include "areas.h"
#include <sanitizer/asan_interface.h>
#include <setjmp.h>
#include <string.h>

static struct host_input input;
static jmp_buf end;

/* Of so little that mapped pages go soon. */
size_t libos_pages_total = 8;
uint64_t *libos_table_entry(uintptr_t page, bool make)
{
	(void)page, (void)make;
	return NULL;
}

void libos_devices_add(void)
{
}
void libos_system_files_add(void)
{
}
void libos_archive_read(void)
{
}
bool libos_archive_holds(uint64_t page);
bool libos_archive_holds(uint64_t page)
{
	(void)page;
	return false;
}
struct libos_area *libos_area_from(uintptr_t address)
{
	(void)address;
	return NULL;
}
void libos_table_clear(uintptr_t start, uintptr_t end_of_range)
{
	(void)start, (void)end_of_range;
}
struct libos_node *libos_opened_node(struct libos_file *file)
{
	(void)file;
	return NULL;
}
bool libos_writable(void *address, size_t size)
{
	(void)address, (void)size;
	return true;
}
void libos_finish(uint32_t kind, uint32_t status)
{
	(void)kind, (void)status;
	longjmp(end, 1);
}

/* A tag that is a path, most of the time. */
static uint8_t configuration(struct libos_virtio *device, unsigned offset)
{
	static const uint8_t tag[] = {5, 0, '/', 'd', 'a', 't', 'a'};
	(void)device;
	return offset < sizeof tag ? tag[offset] : (uint8_t)host_take(&input, 1);
}
static const struct libos_virtio_transport transport = {.configuration = configuration};

bool libos_virtio_find(unsigned type, unsigned skipped, struct libos_virtio *device)
{
	(void)type;
	*device = (struct libos_virtio){.transport = &transport};
	return !skipped;
}
bool libos_virtio_start(struct libos_virtio *device, uint64_t wanted, uint64_t *agreed)
{
	(void)device;
	*agreed = wanted;
	return true;
}
void libos_virtio_ready(struct libos_virtio *device)
{
	(void)device;
}
bool libos_virtqueue_make(struct libos_virtqueue *queue, struct libos_virtio *device, unsigned index)
{
	(void)queue, (void)device, (void)index;
	return true;
}

static size_t put_number(char *answer, size_t at, uint64_t number, unsigned bytes)
{
	memcpy(answer + at, &number, bytes);
	return at + bytes;
}

/* What a host answers that is right. */
static size_t answer_rightly(unsigned type, char *answer)
{
	static const uint32_t modes[] = {S_IFREG | 0644, S_IFDIR | 0755, S_IFLNK | 0777, S_IFIFO | 0600};
	size_t at = LIBOS_9P_HEADER, length;
	switch (type) {
	case LIBOS_9P_VERSION:
		at = put_number(answer, at, LIBOS_9P_MESSAGE, 4);
		at = put_number(answer, at, 8, 2);
		memcpy(answer + at, "9P2000.L", 8);
		return at + 8;
	case LIBOS_9P_WALK:
		return put_number(answer, at, 1, 2) + LIBOS_9P_QID;
	case LIBOS_9P_GET_ATTRIBUTES:
		at = put_number(answer, at, 0x7ff, 8);
		at = put_number(answer, at, 0, LIBOS_9P_QID - 8);
		at = put_number(answer, at, host_take(&input, 1) & 3, 8);
		at = put_number(answer, at, modes[host_take(&input, 1) & 3], 4);
		at = put_number(answer, at, 0, 8);
		at = put_number(answer, at, 1, 8);
		at = put_number(answer, at, 0, 8);
		at = put_number(answer, at, host_take(&input, 2), 8);
		return at + 8 * 12;
	case LIBOS_9P_READ:
	case LIBOS_9P_WRITE:
	case LIBOS_9P_READ_DIRECTORY:
		length = host_take(&input, 2);
		if (type != LIBOS_9P_WRITE)
			for (size_t i = 0; i < length && input.left; i++)
				answer[at + 4 + i] = (char)host_take(&input, 1);
		return put_number(answer, at, length, 4) + (type == LIBOS_9P_WRITE ? 0 : length);
	case LIBOS_9P_READLINK:
		length = host_take(&input, 1) & 15;
		memset(answer + at + 2, 'l', length);
		return put_number(answer, at, length, 2) + length;
	default:
		return at + 64;
	}
}

static size_t answer_somehow(const char *request, char *answer)
{
	unsigned how = (unsigned)host_take(&input, 1), type = (unsigned char)request[4];
	size_t size;
	if (type == LIBOS_9P_VERSION || type == LIBOS_9P_ATTACH)
		how = how % 16 ? 1 : how; /* there is little to see before */
	switch (how & 7) {
	case 0: /* anything */
		size = host_take(&input, 1);
		for (size_t i = 0; i < size; i++)
			answer[i] = (char)host_take(&input, 1);
		return size;
	case 2: /* an error */
		put_number(answer, LIBOS_9P_HEADER, host_take(&input, 1), 4);
		type = 6;
		size = LIBOS_9P_HEADER + 4;
		break;
	case 3: /* the right message, with anything in it */
		size = LIBOS_9P_HEADER + host_take(&input, 1);
		for (size_t i = LIBOS_9P_HEADER; i < size; i++)
			answer[i] = (char)host_take(&input, 1);
		break;
	default:
		size = answer_rightly(type, answer);
	}
	put_number(answer, 0, size, 4);
	answer[4] = (char)(type + 1);
	memcpy(answer + 5, request + 5, 2);
	return how & 8 ? size / 2 : size; /* less was written than it says */
}

/* Nothing is to be read beyond what was written. */
size_t libos_virtqueue_exchange(struct libos_virtqueue *queue, const char *request, size_t request_size, char *answer, size_t answer_size)
{
	(void)queue, (void)request_size;
	__asan_unpoison_memory_region(answer, answer_size);
	memset(answer, 0, answer_size < 70000 ? answer_size : 70000);
	size_t size = answer_somehow(request, answer);
	__asan_poison_memory_region(answer + size, answer_size - size);
	return size;
}

static void use_file(struct libos_node *node, unsigned what)
{
	static char buffer[LIBOS_PAGE_SIZE];
	const struct libos_backing *backing = node->backing;
	const uint64_t offset = host_take(&input, 2);
	struct libos_change change = {.fields = what & 63, .size = offset};
	if (backing->open(node, what & 3))
		return;
	libos_node_keep(node);
	backing->read(node, buffer, offset % sizeof buffer, offset);
	if (libos_is(node, S_IFREG)) {
		backing->page(node, offset, what & 4);
		backing->page(node, 0, what & 8);
		backing->write(node, buffer, offset % sizeof buffer, offset / 2);
	} else
		backing->list(node, buffer, offset % sizeof buffer, &change.accessed);
	backing->refresh(node);
	backing->change(node, &change);
	backing->synchronise(node, false);
	libos_node_release(node);
}

static void use(struct libos_node *directory)
{
	static const uint32_t modes[] = {S_IFREG | 0600, S_IFDIR | 0700, S_IFLNK | 0777, S_IFSOCK | 0600};
	static const char names[] = "abcd";
	while (input.left) {
		unsigned what = (unsigned)host_take(&input, 1);
		const char *name = &names[what >> 3 & 3];
		struct libos_entry *entry = NULL, *other;
		const struct libos_backing *backing = directory->backing;
		if (backing->find(directory, name, 1, &entry))
			continue;
		struct libos_node *node = entry ? entry->node : NULL;
		struct libos_walk old = {node, directory, name, 1, false, 0}, new = {NULL, directory, "n", 1, false, 0};
		switch (what & 7) {
		case 0:
			if (node && libos_is(node, S_IFDIR))
				directory = node;
			break;
		case 1:
			directory = libos_is_mounted(directory, directory->directory.parent) ? directory : directory->directory.parent;
			break;
		case 2:
			if (node || !(node = libos_node_make(modes[what >> 5 & 3])))
				break;
			if (libos_is(node, S_IFLNK))
				node->target = libos_allocate(2), node->size = 1;
			libos_name_add(directory, name, 1, node);
			libos_node_release(node);
			break;
		case 3:
			if (node && !backing->remove(directory, entry) && libos_directory_find(directory, name, 1))
				__builtin_trap();
			break;
		case 4:
			if (node && !backing->find(directory, "n", 1, &other) && libos_directory_find(directory, name, 1) == entry) {
				new.node = other ? other->node : NULL;
				backing->rename(&old, &new);
			}
			break;
		case 5:
			if (node)
				libos_name_add(directory, "n", 1, node);
			break;
		default:
			if (node)
				use_file(node, what >> 3);
		}
		if (what & 128 && directory->links) {
			libos_node_keep(directory);
			libos_shares_trim();
			libos_node_release(directory);
		}
		if (!libos_shared(directory)->entry) /* it may have gone */
			directory = libos_root()->directory.last->node;
	}
	libos_shares_write_all_back();
	libos_shares_trim();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = (struct host_input){data, size};
	root = NULL;
	shares = NULL;
	last_share = &shares;
	libos_newest_shared = NULL;
	if (!setjmp(end)) {
		libos_root();
		for (struct libos_entry *entry = root->directory.first; entry; entry = entry->next)
			if (entry->node->backing)
				use(entry->node);
	}
	host_free_all();
	return 0;
}
