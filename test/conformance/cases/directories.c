/* Reading directories: getdents64(2), and readdir(3) with its positions. */
#include "case.h"
#include <dirent.h>

enum { MANY = 300 };

static int compare(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

static void list(const char *path)
{
	char *names[64];
	int count = 0;
	DIR *directory = opendir(path);
	for (struct dirent *entry; directory && count < 64 && (entry = readdir(directory)); count++) {
		names[count] = malloc(300);
		sprintf(names[count], "%s (%d)", entry->d_name, entry->d_type);
	}
	if (!directory) {
		printf("%s: %s\n", path, error_name(errno));
		return;
	}
	closedir(directory);
	qsort(names, count, sizeof *names, compare);
	printf("%s:", path);
	for (int i = 0; i < count; i++)
		printf(" %s", names[i]);
	puts("");
}

static void make_many(void)
{
	char name[32];
	mkdir("many", 0755);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "many/a-name-that-is-long-%d", i);
		close(open(name, O_RDWR | O_CREAT, 0644));
	}
}

CASE(list_of_kinds)
{
	close(make_file("file", ""));
	TRY(mkdir("folder", 0755));
	TRY(symlink("file", "link"));
	list(".");
	list("folder");
	list("file");
	list("none");
}

CASE(every_entry_comes_once)
{
	static bool seen[MANY];
	int number, count = 0;
	make_many();
	memset(seen, 0, sizeof seen);
	DIR *directory = opendir("many");
	for (struct dirent *entry; (entry = readdir(directory)); count++)
		if (sscanf(entry->d_name, "a-name-that-is-long-%d", &number) == 1) {
			if (seen[number])
				puts("twice");
			seen[number] = true;
		}
	closedir(directory);
	printf("%d\n", count);
}

CASE(unlink_while_reading)
{
	char path[300];
	int count = 0;
	make_many();
	DIR *directory = opendir("many");
	for (struct dirent *entry; (entry = readdir(directory));)
		if (entry->d_name[0] != '.') {
			snprintf(path, sizeof path, "many/%s", entry->d_name);
			count += !unlink(path);
		}
	closedir(directory);
	printf("%d\n", count);
	TRY(rmdir("many"));
}

CASE(positions_come_back)
{
	char name[300];
	int rest = 0, again = 0;
	make_many();
	DIR *directory = opendir("many");
	for (int i = 0; i < 100; i++)
		readdir(directory);
	long position = telldir(directory);
	strcpy(name, readdir(directory)->d_name);
	while (readdir(directory))
		rest++;
	seekdir(directory, position);
	CHECK(!strcmp(readdir(directory)->d_name, name));
	while (readdir(directory))
		again++;
	printf("%d %d\n", rest, again);
	rewinddir(directory);
	for (again = 0; readdir(directory);)
		again++;
	printf("%d\n", again);
	closedir(directory);
}

CASE(getdents_refuses)
{
	char entries[1024];
	int file = make_file("file", ""), folder = (int)TRY(open(".", O_RDONLY | O_DIRECTORY));
	TRY(syscall(SYS_getdents64, file, entries, sizeof entries));
	TRY(syscall(SYS_getdents64, 99, entries, sizeof entries));
	TRY(syscall(SYS_getdents64, folder, entries, 4));
	TRY(syscall(SYS_getdents64, folder, nowhere, 1024));
	CHECK(syscall(SYS_getdents64, folder, entries, sizeof entries) > 0);
	TRY(syscall(SYS_getdents64, folder, entries, sizeof entries));
	TRY(lseek(folder, 0, SEEK_SET));
	CHECK(syscall(SYS_getdents64, folder, entries, sizeof entries) > 0);
	TRY(write(folder, entries, 10));
}

CASE(removed_folder_is_empty)
{
	char entries[1024];
	TRY(mkdir("folder", 0755));
	int folder = (int)TRY(open("folder", O_RDONLY | O_DIRECTORY));
	TRY(rmdir("folder"));
	TRY(syscall(SYS_getdents64, folder, entries, sizeof entries));
	TRY(openat(folder, "file", O_RDWR | O_CREAT, 0644));
}

CASE(link_counts_of_folders)
{
	struct stat status;
	TRY(mkdir("a", 0755));
	TRY(stat("a", &status));
	printf("%ld\n", (long)status.st_nlink);
	TRY(mkdir("a/b", 0755));
	TRY(stat("a", &status));
	printf("%ld\n", (long)status.st_nlink);
	TRY(rmdir("a/b"));
	TRY(stat("a", &status));
	printf("%ld\n", (long)status.st_nlink);
}

CASE(parents_are_found)
{
	struct stat here, parent, root;
	TRY(mkdir("a", 0755));
	TRY(stat(".", &here));
	TRY(stat("a/..", &parent));
	CHECK(here.st_ino == parent.st_ino);
	TRY(stat("/", &root));
	TRY(stat("/..", &parent));
	CHECK(root.st_ino == parent.st_ino);
	TRY(mkdir("b", 0755));
	TRY(rename("a", "b/a"));
	TRY(stat("b", &here));
	TRY(stat("b/a/..", &parent));
	CHECK(here.st_ino == parent.st_ino);
}
