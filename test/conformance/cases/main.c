/* Runs the cases one after another, from the one that the first argument names on. */
#include "case.h"
#include <dirent.h>
#include <sys/time.h>

extern const struct test_case __start_cases[], __stop_cases[];

static char folder[] = "/tmp/case-XXXXXX";

static void remove_tree(int parent, const char *name)
{
	if (!unlinkat(parent, name, 0) || errno == ENOENT)
		return;
	int descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *directory = descriptor < 0 ? NULL : fdopendir(descriptor);
	for (struct dirent *entry; directory && (entry = readdir(directory));)
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			remove_tree(descriptor, entry->d_name);
	if (directory)
		closedir(directory);
	unlinkat(parent, name, AT_REMOVEDIR);
}

static void set_up(void)
{
	strcpy(folder, "/tmp/case-XXXXXX");
	if (!mkdtemp(folder) || chdir(folder))
		puts("no folder to work in");
	umask(022);
	handled = 0;
}

static void tidy(void)
{
	const struct itimerval none = {{0, 0}, {0, 0}};
	sigset_t all;
	setitimer(ITIMER_REAL, &none, NULL);
	for (int number = 1; number < NSIG; number++)
		if (number != SIGKILL && number != SIGSTOP)
			signal(number, SIG_DFL);
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (int descriptor = 3; descriptor < 256; descriptor++)
		close(descriptor);
	if (!chdir("/"))
		remove_tree(AT_FDCWD, folder);
}

int main(int argc, char **argv)
{
	const struct test_case *test = __start_cases;
	while (argc > 1 && test < __stop_cases && strcmp(test->name, argv[1]))
		test++;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (; test < __stop_cases; test++) {
		printf("== %s\n", test->name);
		set_up();
		test->run();
		tidy();
		printf("-- %s\n", test->name);
	}
	return 0;
}
