/* Calls of which programs must hear that there is no such thing here, and calls with no subject of their own. */
#include "case.h"
#include <sys/wait.h>

CASE(fork_makes_a_process)
{
	fflush(stdout);
	pid_t child = fork();
	if (!child)
		_exit(3);
	CHECK(child > 0);
	int status = -1;
	CHECK(waitpid(child, &status, 0) == child);
	printf("%d\n", status);
}

CASE(execve_of_nothing)
{
	char *const none[] = {NULL};
	TRY(execve("none", none, none));
}

CASE(wait_without_children)
{
	int status;
	TRY(wait(&status));
	TRY(waitpid(-1, &status, WNOHANG));
	TRY(waitpid(999999, &status, 0));
}

CASE(numbers_without_a_call)
{
	TRY(syscall(5000));
	TRY(syscall(-1L));
}

CASE(getrandom_fills)
{
	unsigned char one[64] = {0}, two[64] = {0};
	TRY(syscall(SYS_getrandom, one, 64, 0));
	TRY(syscall(SYS_getrandom, two, 64, 1));
	CHECK(memcmp(one, two, 64));
	TRY(syscall(SYS_getrandom, one, 0, 0));
	TRY(syscall(SYS_getrandom, one, 64, 2));
	TRY(syscall(SYS_getrandom, one, 64, 99));
	TRY(syscall(SYS_getrandom, one, 64, 6));
	TRY(syscall(SYS_getrandom, nowhere, 64, 0));
	static char many[100000];
	TRY(syscall(SYS_getrandom, many, sizeof many, 0));
}

CASE(random_bytes_are_spread)
{
	static unsigned char bytes[4096];
	int counts[256] = {0}, missing = 0;
	syscall(SYS_getrandom, bytes, sizeof bytes, 0);
	for (size_t i = 0; i < sizeof bytes; i++)
		counts[bytes[i]]++;
	for (int i = 0; i < 256; i++)
		missing += !counts[i];
	CHECK(missing < 5);
}

CASE(mount_of_nothing)
{
	TRY(syscall(SYS_mount, nowhere, nowhere, nowhere, 0, NULL) == -1);
	TRY(syscall(SYS_umount2, "none", 0) == -1);
}
