/* Names of files: mkdir(2), link(2), symlink(2), unlink(2), rename(2), getcwd(2). */
#include "case.h"

static long links(const char *path)
{
	struct stat status;
	return lstat(path, &status) ? -1 : (long)status.st_nlink;
}

static void print_file(const char *path)
{
	int file = open(path, O_RDONLY);
	printf("%s: ", path);
	print_content(file);
	close(file);
}

CASE(mkdir_and_rmdir)
{
	TRY(mkdir("a", 0755));
	TRY(mkdir("a", 0755));
	TRY(mkdir("a/b/", 0700));
	TRY(mkdir("none/b", 0755));
	TRY(mkdir("", 0755));
	TRY(mkdir("/", 0755));
	TRY(mkdir(".", 0755));
	TRY(mkdir("a/..", 0755));
	TRY(mkdir(nowhere, 0755));
	TRY(rmdir("a"));
	TRY(rmdir("a/b"));
	TRY(rmdir("a/"));
	TRY(rmdir("a"));
	TRY(rmdir("."));
	TRY(rmdir("/"));
}

CASE(mkdir_on_a_file)
{
	close(make_file("file", ""));
	TRY(mkdir("file", 0755));
	TRY(mkdir("file/", 0755));
	TRY(mkdir("file/a", 0755));
	TRY(symlink("none", "link"));
	TRY(mkdir("link", 0755));
	TRY(rmdir("file"));
	TRY(rmdir("link"));
}

CASE(link_counts)
{
	close(make_file("file", "content"));
	TRY(link("file", "other"));
	printf("%ld %ld\n", links("file"), links("other"));
	TRY(unlink("file"));
	printf("%ld\n", links("other"));
	print_file("other");
}

CASE(link_refuses)
{
	close(make_file("file", ""));
	TRY(mkdir("folder", 0755));
	TRY(link("file", "folder"));
	TRY(link("file", "file"));
	TRY(link("none", "other"));
	TRY(link("folder", "other"));
	TRY(link("file", "none/other"));
	TRY(link("file", "file/other"));
	TRY(link("file", "other/"));
	TRY(link(nowhere, "other"));
	TRY(link("file", nowhere));
	TRY(link("", "other"));
	TRY(linkat(AT_FDCWD, "file", AT_FDCWD, "other", 0x40));
}

CASE(link_of_a_link)
{
	struct stat status;
	close(make_file("file", "content"));
	TRY(symlink("file", "link"));
	TRY(link("link", "other"));
	TRY(lstat("other", &status));
	printf("%d\n", S_ISLNK(status.st_mode));
	TRY(linkat(AT_FDCWD, "link", AT_FDCWD, "third", AT_SYMLINK_FOLLOW));
	TRY(lstat("third", &status));
	printf("%d\n", S_ISREG(status.st_mode));
}

CASE(symlink_and_readlink)
{
	char target[32] = "................";
	struct stat status;
	TRY(symlink("some/target", "link"));
	TRY(readlink("link", target, sizeof target));
	puts(target);
	TRY(readlink("link", target, 4));
	TRY(syscall(SYS_readlinkat, AT_FDCWD, "link", target, 0));
	TRY(readlink("link", nowhere, 4));
	TRY(readlink("none", target, 4));
	TRY(readlink(".", target, 4));
	TRY(lstat("link", &status));
	printf("%o %ld\n", status.st_mode, (long)status.st_size);
	TRY(stat("link", &status));
	TRY(symlink("", "empty"));
	TRY(symlink("x", "link"));
	TRY(symlink(nowhere, "x"));
	TRY(symlink("x", "none/x"));
}

CASE(symlinks_on_the_way)
{
	TRY(mkdir("a", 0755));
	TRY(mkdir("a/b", 0755));
	close(make_file("a/b/file", "content"));
	TRY(symlink("a/b", "link"));
	TRY(symlink("../b/file", "a/b/up"));
	print_file("link/file");
	print_file("link/../b/file");
	print_file("link/up");
	print_file("link/./up");
	TRY(symlink("link/", "slash"));
	print_file("slash/file");
	TRY(open("link/file/", O_RDONLY));
	TRY(open("link/file/x", O_RDONLY));
	TRY(unlink("link"));
}

CASE(a_slash_behind_a_link)
{
	TRY(mkdir("folder", 0755));
	TRY(symlink("folder", "link"));
	TRY(unlink("link/"));
	TRY(rmdir("link/"));
	TRY(rename("link/", "other"));
}

CASE(loops_of_links)
{
	char name[16], last[16] = "file";
	close(make_file("file", "content"));
	for (int i = 0; i < 41; i++) {
		snprintf(name, sizeof name, "l%d", i);
		if (symlink(last, name))
			puts("no link");
		strcpy(last, name);
	}
	print_file("l38");
	TRY(close(open("l39", O_RDONLY)));
	TRY(open("l40", O_RDONLY));
	TRY(symlink("two", "one"));
	TRY(symlink("one", "two"));
	TRY(access("one", F_OK));
	TRY(mkdir("one/x", 0755));
}

CASE(unlink_refuses)
{
	TRY(mkdir("folder", 0755));
	close(make_file("file", ""));
	TRY(unlink("none"));
	TRY(unlink("folder"));
	TRY(unlink("file/"));
	TRY(unlink("file/x"));
	TRY(unlink(""));
	TRY(unlink("."));
	TRY(unlink(nowhere));
	TRY(unlinkat(AT_FDCWD, "file", AT_REMOVEDIR));
	TRY(unlinkat(AT_FDCWD, "folder", 0));
	TRY(unlinkat(AT_FDCWD, "folder", 0x4000));
	TRY(unlinkat(AT_FDCWD, "folder", AT_REMOVEDIR));
}

CASE(rename_a_file)
{
	close(make_file("a", "1"));
	close(make_file("b", "2"));
	TRY(rename("a", "c"));
	TRY(access("a", F_OK));
	print_file("c");
	int open_file = open("b", O_RDONLY);
	TRY(rename("c", "b"));
	print_file("b");
	print_content(open_file);
	TRY(rename("b", "b"));
	TRY(rename("none", "b"));
	TRY(rename("b", "none/b"));
	TRY(rename("b", ""));
	TRY(rename(nowhere, "b"));
	TRY(rename("b", nowhere));
	print_file("b");
}

CASE(rename_a_folder)
{
	TRY(mkdir("a", 0755));
	TRY(mkdir("a/in", 0755));
	TRY(mkdir("empty", 0755));
	TRY(mkdir("full", 0755));
	close(make_file("full/file", "1"));
	close(make_file("file", "2"));
	TRY(rename("a", "a/in/x"));
	TRY(rename("a", "file"));
	TRY(rename("file", "a"));
	TRY(rename("a", "full"));
	TRY(rename("a", "empty"));
	TRY(access("empty/in", F_OK));
	TRY(rename("empty/", "b/"));
	TRY(rename("file", "c/"));
	TRY(rename("file/", "c"));
	TRY(rename(".", "c"));
	TRY(rename("b/..", "c"));
	TRY(rename("b/in", "in"));
	TRY(rmdir("b"));
}

CASE(rename_two_links_of_one_file)
{
	close(make_file("a", "1"));
	TRY(link("a", "b"));
	TRY(rename("a", "b"));
	printf("%ld %ld\n", links("a"), links("b"));
}

CASE(rename_with_flags)
{
	close(make_file("a", "1"));
	close(make_file("b", "2"));
	TRY(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 1));
	TRY(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "c", 1));
	TRY(syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "c", 3));
	TRY(syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "c", 64));
}

CASE(rename_exchanges)
{
	close(make_file("b", "1"));
	close(make_file("c", "2"));
	TRY(syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "c", 2));
	print_file("b");
	print_file("c");
	TRY(syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "none", 2));
}

CASE(rename_exchanges_directories)
{
	struct stat status;
	TRY(mkdir("directory", 0755));
	TRY(mkdir("directory/inner", 0755));
	close(make_file("file", "1"));
	TRY(syscall(SYS_renameat2, AT_FDCWD, "directory", AT_FDCWD, "directory/inner", 2));
	TRY(syscall(SYS_renameat2, AT_FDCWD, "directory/inner", AT_FDCWD, "file", 2));
	print_file("directory/inner");
	TRY(rmdir("file"));
	TRY(stat("directory/inner", &status));
	CHECK(S_ISREG(status.st_mode));
	TRY(syscall(SYS_renameat2, AT_FDCWD, "directory", AT_FDCWD, "file", 3));
}

CASE(rename_of_a_link)
{
	char target[16] = "";
	close(make_file("a", "1"));
	TRY(symlink("a", "link"));
	TRY(rename("link", "other"));
	TRY(readlink("other", target, sizeof target));
	TRY(rename("a", "other"));
	print_file("other");
}

CASE(long_names)
{
	char name[5000];
	memset(name, 'n', sizeof name);
	name[255] = 0;
	TRY(mkdir(name, 0755));
	name[255] = 'n';
	name[256] = 0;
	TRY(mkdir(name, 0755));
	TRY(access(name, F_OK));
	name[256] = 'n';
	name[4999] = 0;
	TRY(access(name, F_OK));
	for (int i = 1; i < 4095; i += 2)
		memcpy(name + i - 1, "./", 2);
	name[4094] = '.';
	name[4095] = 0;
	TRY(access(name, F_OK));
	name[4095] = '/';
	name[4096] = 0;
	TRY(access(name, F_OK));
}

CASE(current_folder)
{
	char path[256], before[256];
	TRY(mkdir("a", 0755));
	CHECK(getcwd(before, sizeof before) == before);
	TRY(chdir("a"));
	getcwd(path, sizeof path);
	puts(path + strlen(before));
	TRY(chdir("none"));
	TRY(chdir(nowhere));
	close(make_file("file", ""));
	TRY(chdir("file"));
	TRY(syscall(SYS_getcwd, path, 3));
	TRY(syscall(SYS_getcwd, path, 0));
	TRY(syscall(SYS_getcwd, nowhere, 100));
	CHECK(syscall(SYS_getcwd, path, sizeof path) == (long)strlen(path) + 1);
	int folder = (int)TRY(open("..", O_RDONLY));
	TRY(fchdir(folder));
	getcwd(path, sizeof path);
	CHECK(!strcmp(path, before));
	TRY(fchdir(99));
	TRY(fchdir(open("a/file", O_RDONLY)));
}

CASE(removed_current_folder)
{
	char path[256];
	TRY(mkdir("a", 0755));
	TRY(chdir("a"));
	TRY(rmdir("../a"));
	TRY(syscall(SYS_getcwd, path, sizeof path));
	TRY(open("file", O_RDWR | O_CREAT, 0644));
	TRY(mkdir("b", 0755));
	TRY(access(".", F_OK));
	TRY(access("..", F_OK));
}

CASE(names_relative_to_a_descriptor)
{
	struct stat status;
	TRY(mkdir("a", 0755));
	int folder = (int)TRY(open("a", O_RDONLY | O_DIRECTORY)), file = make_file("file", "content");
	TRY(openat(folder, "in", O_RDWR | O_CREAT, 0644));
	TRY(access("a/in", F_OK));
	TRY(mkdirat(folder, "b", 0755));
	TRY(symlinkat("in", folder, "link"));
	TRY(fstatat(folder, "link", &status, AT_SYMLINK_NOFOLLOW));
	printf("%d\n", S_ISLNK(status.st_mode));
	TRY(linkat(folder, "in", AT_FDCWD, "out", 0));
	TRY(renameat(folder, "in", AT_FDCWD, "moved"));
	TRY(unlinkat(folder, "link", 0));
	TRY(openat(file, "x", O_RDONLY));
	TRY(openat(99, "x", O_RDONLY));
	TRY(close(openat(99, "/", O_RDONLY)));
	TRY(fstatat(file, "", &status, AT_EMPTY_PATH));
	printf("%ld\n", (long)status.st_size);
	TRY(fstatat(file, "", &status, 0));
}
