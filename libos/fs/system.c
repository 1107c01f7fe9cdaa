/* What programs expect to find of a system: /proc, /sys, /etc, where the archive has none. */
#include "descriptors.h"
#include "node.h"
#include "share.h"
#include "thread.h"

extern const char libos_arguments[];

static void fixed(struct libos_text *text, struct libos_node *node);

static void add_kilobytes(struct libos_text *text, const char *name, uint64_t pages)
{
	libos_text_add(text, name);
	libos_text_add_number(text, pages * (LIBOS_PAGE_SIZE / 1024));
	libos_text_add(text, " kB\n");
}

static void memory(struct libos_text *text, struct libos_node *node)
{
	(void)node;
	add_kilobytes(text, "MemTotal:       ", libos_pages_total);
	add_kilobytes(text, "MemFree:        ", libos_pages_free);
	add_kilobytes(text, "MemAvailable:   ", libos_pages_free);
	libos_text_add(text, "Buffers:        0 kB\nCached:         0 kB\nSwapTotal:      0 kB\nSwapFree:       0 kB\n");
}

static void uptime(struct libos_text *text, struct libos_node *node)
{
	(void)node;
	libos_text_add_number(text, libos_clock_nanoseconds() / 1000000000);
	libos_text_add(text, ".00 0.00\n");
}

static void process_name_file(struct libos_text *text, struct libos_node *node)
{
	(void)node;
	libos_text_add(text, libos_main_thread.name);
	libos_text_add(text, "\n");
}

static long set_process_name(const char *name, size_t size)
{
	libos_thread_rename(&libos_main_thread, name, size);
	return (long)size;
}

static uint64_t used_pages(void)
{
	return libos_pages_total - libos_pages_free;
}

/* proc_pid_stat(5): 52 fields, of which few mean something here. */
static void process_stat(struct libos_text *text, struct libos_node *node)
{
	(void)node;
	libos_text_add(text, "1 (");
	libos_text_add(text, libos_main_thread.name);
	libos_text_add(text, ") R 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 0 ");
	libos_text_add_number(text, used_pages() * LIBOS_PAGE_SIZE);
	libos_text_add(text, " ");
	libos_text_add_number(text, used_pages());
	libos_text_add(text, " 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
}

static void process_status(struct libos_text *text, struct libos_node *node)
{
	(void)node;
	libos_text_add(text, "Name:\t");
	libos_text_add(text, libos_main_thread.name);
	libos_text_add(text, "\nState:\tR (running)\nTgid:\t1\nPid:\t1\nPPid:\t0\nTracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n");
	add_kilobytes(text, "VmSize:\t", used_pages());
	add_kilobytes(text, "VmRSS:\t", used_pages());
	libos_text_add(text, "Threads:\t1\n");
}

static void add_range(struct libos_text *text, uint64_t start, uint64_t end, const char *rest)
{
	libos_text_add_hex(text, start);
	libos_text_add(text, "-");
	libos_text_add_hex(text, end);
	libos_text_add(text, rest);
}

/* proc_pid_maps(5): the image and the first stack. */
static void process_maps(struct libos_text *text, struct libos_node *node)
{
	(void)node;
	add_range(text, (uintptr_t)__ehdr_start, ((uintptr_t)_end + LIBOS_PAGE_SIZE - 1) & -4096ul, " r-xp 00000000 00:01 1 /");
	libos_text_add(text, libos_arguments);
	libos_text_add(text, "\n");
	add_range(text, LIBOS_STACK_END - LIBOS_STACK_SIZE, LIBOS_STACK_END, " rw-p 00000000 00:00 0 [stack]\n");
}

static void command_line(struct libos_text *text, struct libos_node *node)
{
	(void)node;
	libos_text_add_bytes(text, libos_arguments, libos_strlen(libos_arguments) + 1);
}

/* proc_pid_mounts(5) */
static void process_mounts(struct libos_text *text, struct libos_node *node)
{
	(void)node;
	libos_text_add(text, "tmpfs / tmpfs rw 0 0\n");
	if (libos_shares_list)
		libos_shares_list(text);
}

static const struct file {
	const char *path;
	const char *content;
	struct libos_generator generator;
} files[] = {
	{"proc/meminfo", NULL, {memory, NULL}},
	{"proc/uptime", NULL, {uptime, NULL}},
	{"proc/loadavg", "0.00 0.00 0.00 1/1 1\n", {fixed, NULL}},
	{"proc/version", "Linux version 5.10.0 (library OS)\n", {fixed, NULL}},
	{"proc/cpuinfo", "processor\t: 0\n\n", {fixed, NULL}},
	{"proc/stat", "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0\n", {fixed, NULL}},
	{"proc/filesystems", "nodev\ttmpfs\n", {fixed, NULL}},
	{"proc/self/stat", NULL, {process_stat, NULL}},
	{"proc/self/status", NULL, {process_status, NULL}},
	{"proc/self/maps", NULL, {process_maps, NULL}},
	{"proc/self/cmdline", NULL, {command_line, NULL}},
	{"proc/self/comm", NULL, {process_name_file, set_process_name}},
	{"proc/self/task/1/comm", NULL, {process_name_file, set_process_name}},
	{"proc/self/cgroup", "", {fixed, NULL}},
	{"proc/self/mounts", NULL, {process_mounts, NULL}},
	{"proc/sys/net/core/somaxconn", "4096\n", {fixed, NULL}},
	{"proc/sys/vm/overcommit_memory", "1\n", {fixed, NULL}},
	{"proc/sys/vm/max_map_count", "65530\n", {fixed, NULL}},
	{"proc/sys/kernel/osrelease", "5.10.0\n", {fixed, NULL}},
	{"proc/sys/kernel/ostype", "Linux\n", {fixed, NULL}},
	{"proc/sys/kernel/hostname", "unikernel\n", {fixed, NULL}},
	{"proc/sys/kernel/pid_max", "32768\n", {fixed, NULL}},
	{"proc/sys/kernel/threads-max", "32768\n", {fixed, NULL}},
	{"proc/sys/fs/file-max", "65536\n", {fixed, NULL}},
	{"sys/devices/system/cpu/online", "0\n", {fixed, NULL}},
	{"sys/devices/system/cpu/possible", "0\n", {fixed, NULL}},
	{"sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n", {fixed, NULL}},
	{"etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n", {fixed, NULL}},
	{"etc/group", "root:x:0:\nnogroup:x:65534:\n", {fixed, NULL}},
	{"etc/hosts", "127.0.0.1 localhost\n::1 localhost\n", {fixed, NULL}},
	{"etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n", {fixed, NULL}},
};

static void fixed(struct libos_text *text, struct libos_node *node)
{
	const struct file *file = (const struct file *)((const char *)node->generator - offsetof(struct file, generator));
	libos_text_add(text, file->content);
}

static void add_link(const char *path, const char *target)
{
	struct libos_node *node = libos_root_add(path, S_IFLNK | 0777);
	if (!node || !libos_is(node, S_IFLNK) || node->target)
		return;
	node->size = libos_strlen(target);
	if ((node->target = libos_allocate(node->size + 1)))
		libos_memcpy(node->target, target, node->size);
}

/* /proc/self/fd: a link for each descriptor. What has no path is called as Linux calls it, without its number. */
static void list_descriptors(struct libos_node *directory)
{
	char path[LIBOS_NAME_MAX + 1];
	libos_directory_clear(directory);
	for (unsigned i = 0; i < libos_descriptor_count; i++) {
		struct libos_file *file = libos_descriptors[i].file;
		struct libos_node *opened = file ? libos_opened_node(file) : NULL;
		const char *target = file == &libos_console_file ? "/dev/console" : "anon_inode:[file]";
		struct libos_text name = {0};
		if (!file)
			continue;
		if (opened && !(target = libos_path_of(opened, libos_opened_parent(file), path, sizeof path)))
			target = "/ (deleted)";
		struct libos_node *link = libos_node_make(S_IFLNK | 0700);
		if (!link)
			return;
		link->size = libos_strlen(target);
		if ((link->target = libos_allocate(link->size + 1)))
			libos_memcpy(link->target, target, link->size);
		libos_text_add_number(&name, i);
		if (link->target && name.bytes)
			libos_directory_add(directory, name.bytes, name.size, link);
		libos_free(name.bytes);
		libos_node_release(link);
	}
}

void libos_system_files_add(void);
void libos_system_files_add(void)
{
	for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
		struct libos_node *node = libos_root_add(files[i].path, S_IFREG | (files[i].generator.write ? 0644 : 0444));
		if (node && libos_is(node, S_IFREG) && !node->data.archive)
			node->generator = &files[i].generator;
	}
	struct libos_node *descriptors = libos_root_add("proc/self/fd", S_IFDIR | 0500);
	if (descriptors)
		descriptors->directory.refresh = list_descriptors;
	struct libos_text executable = {0};
	libos_text_add(&executable, "/");
	libos_text_add_bytes(&executable, libos_arguments, libos_strlen(libos_arguments) + 1);
	if (executable.bytes)
		add_link("proc/self/exe", executable.bytes);
	libos_free(executable.bytes);
	add_link("proc/self/cwd", "/");
	add_link("proc/1", "self");
	add_link("proc/mounts", "self/mounts");
	add_link("dev/fd", "/proc/self/fd");
	add_link("dev/stdin", "/proc/self/fd/0");
	add_link("dev/stdout", "/proc/self/fd/1");
	add_link("dev/stderr", "/proc/self/fd/2");
	libos_root_add("dev/shm", S_IFDIR | S_ISVTX | 0777);
}
