/* What the program is told of itself and of the machine, and limits. */
#include "case.h"
#include <sched.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

extern char **environ;

CASE(auxiliary_vector)
{
	printf("%lu\n", getauxval(AT_PAGESZ));
	printf("%lu\n", getauxval(AT_CLKTCK));
	printf("%lu %lu\n", getauxval(AT_SECURE), getauxval(AT_FLAGS));
	CHECK(getauxval(AT_PHDR) != 0);
	CHECK(getauxval(AT_PHNUM) > 0);
	printf("%lu\n", getauxval(AT_PHENT));
	CHECK(getauxval(AT_ENTRY) != 0);
	const unsigned char *random = (const unsigned char *)getauxval(AT_RANDOM);
	CHECK(random && (random[0] | random[1] | random[2] | random[3]));
	CHECK(getauxval(AT_EXECFN) != 0);
	printf("%lu %lu %lu %lu\n", getauxval(AT_UID), getauxval(AT_EUID), getauxval(AT_GID), getauxval(AT_EGID));
}

CASE(environment_can_be_changed)
{
	CHECK(environ != NULL);
	TRY(setenv("SOME_NAME", "value", 1));
	puts(getenv("SOME_NAME"));
	TRY(unsetenv("SOME_NAME"));
	CHECK(getenv("SOME_NAME") == NULL);
}

CASE(identifiers)
{
	CHECK(getpid() > 0);
	CHECK(syscall(SYS_gettid) == getpid());
	printf("%d %d %d %d\n", getuid(), geteuid(), getgid(), getegid());
	CHECK(getppid() >= 0);
	CHECK(getpgrp() > 0);
	CHECK(getsid(0) > 0);
	CHECK(syscall(SYS_set_tid_address, nowhere) == getpid());
}

CASE(identifiers_can_be_set)
{
	int user, effective, saved;
	TRY(syscall(SYS_setuid, 0));
	TRY(syscall(SYS_setgid, 0));
	TRY(syscall(SYS_setgroups, 0, NULL));
	TRY(getgroups(0, NULL));
	TRY(syscall(SYS_setreuid, -1, 0));
	TRY(syscall(SYS_setresuid, 0, 0, 0));
	TRY(getresuid(&user, &effective, &saved));
	printf("%d %d %d\n", user, effective, saved);
	TRY(getgroups(-1, NULL));
}

CASE(uname_fields)
{
	struct utsname name;
	TRY(uname(&name));
	puts(name.sysname);
	CHECK(name.release[0] >= '3' && strchr(name.release, '.'));
	CHECK(name.version[0] && name.nodename[0]);
	TRY(syscall(SYS_uname, nowhere));
}

CASE(limits)
{
	struct rlimit limit;
	TRY(getrlimit(RLIMIT_NOFILE, &limit));
	CHECK(limit.rlim_cur >= 256 && limit.rlim_cur <= limit.rlim_max);
	TRY(getrlimit(RLIMIT_STACK, &limit));
	CHECK(limit.rlim_cur >= 1 << 20);
	TRY(getrlimit(99, &limit));
	TRY(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, nowhere));
	TRY(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, nowhere, NULL));
	TRY(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, NULL));
	TRY(syscall(SYS_prlimit64, 999999, RLIMIT_NOFILE, NULL, NULL));
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max + 1;
	TRY(setrlimit(RLIMIT_NOFILE, &limit));
}

CASE(limit_of_descriptors_can_be_lowered)
{
	struct rlimit limit, again;
	getrlimit(RLIMIT_NOFILE, &limit);
	const struct rlimit lower = {limit.rlim_cur - 1, limit.rlim_max};
	TRY(setrlimit(RLIMIT_NOFILE, &lower));
	TRY(getrlimit(RLIMIT_NOFILE, &again));
	CHECK(again.rlim_cur == limit.rlim_cur - 1 && again.rlim_max == limit.rlim_max);
	TRY(setrlimit(RLIMIT_NOFILE, &limit));
}

CASE(limit_of_core_files)
{
	const struct rlimit none = {0, 0};
	struct rlimit limit;
	TRY(setrlimit(RLIMIT_CORE, &none));
	TRY(getrlimit(RLIMIT_CORE, &limit));
	printf("%ld %ld\n", (long)limit.rlim_cur, (long)limit.rlim_max);
}

CASE(affinity)
{
	uint64_t mask[16] = {0};
	long size = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
	CHECK(size > 0 && size % 8 == 0);
	CHECK(mask[0] & 1);
	TRY(syscall(SYS_sched_getaffinity, 0, 3, mask));
	TRY(syscall(SYS_sched_getaffinity, 0, sizeof mask, nowhere));
	TRY(syscall(SYS_sched_getaffinity, 999999, sizeof mask, mask));
	mask[0] = 1;
	TRY(syscall(SYS_sched_setaffinity, 0, sizeof mask, mask));
	CHECK(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
}

CASE(getcpu_tells)
{
	unsigned cpu = 99, node = 99;
	TRY(syscall(SYS_getcpu, &cpu, &node, NULL));
	CHECK(cpu < 64);
	printf("%u\n", node);
	TRY(syscall(SYS_getcpu, NULL, NULL, NULL));
	TRY(syscall(SYS_getcpu, nowhere, NULL, NULL));
}

CASE(usage_is_counted)
{
	struct rusage usage, later;
	TRY(getrusage(RUSAGE_SELF, &usage));
	for (volatile int i = 0; i < 5000000; i++)
		;
	TRY(getrusage(RUSAGE_SELF, &later));
	CHECK(later.ru_utime.tv_sec * 1000000 + later.ru_utime.tv_usec >= usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec);
	CHECK(later.ru_utime.tv_usec >= 0 && later.ru_utime.tv_usec < 1000000);
	TRY(getrusage(RUSAGE_CHILDREN, &usage));
	printf("%ld %ld\n", (long)usage.ru_utime.tv_sec, (long)usage.ru_utime.tv_usec);
	TRY(getrusage(RUSAGE_THREAD, &usage));
	TRY(getrusage(99, &usage));
	TRY(syscall(SYS_getrusage, RUSAGE_SELF, nowhere));
}

CASE(sysinfo_tells)
{
	struct sysinfo info;
	TRY(sysinfo(&info));
	CHECK(info.totalram > 0 && info.freeram <= info.totalram && info.mem_unit > 0);
	CHECK(info.uptime >= 0);
	TRY(syscall(SYS_sysinfo, nowhere));
}

CASE(prctl_name)
{
	char name[16] = "";
	TRY(prctl(PR_SET_NAME, "a name that is too long"));
	TRY(prctl(PR_GET_NAME, name));
	puts(name);
	TRY(prctl(PR_SET_NAME, nowhere));
	TRY(prctl(PR_GET_NAME, nowhere));
	TRY(prctl(9999));
}

CASE(prctl_dumpable)
{
	TRY(prctl(PR_GET_DUMPABLE));
	TRY(prctl(PR_SET_DUMPABLE, 0));
	TRY(prctl(PR_GET_DUMPABLE));
	TRY(prctl(PR_SET_DUMPABLE, 1));
	TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	TRY(prctl(PR_SET_PDEATHSIG, SIGTERM));
}

CASE(robust_list_and_rseq)
{
	struct { void *next; long offset; void *pending; } head = {&head, 0, NULL};
	TRY(syscall(SYS_set_robust_list, &head, sizeof head));
	TRY(syscall(SYS_set_robust_list, &head, 1));
	TRY(syscall(SYS_set_robust_list, NULL, sizeof head));
}

CASE(membarrier_commands)
{
	CHECK(syscall(SYS_membarrier, 0, 0) > 0);
	TRY(syscall(SYS_membarrier, 9999, 0));
	TRY(syscall(SYS_membarrier, 0, 99));
}

CASE(priorities)
{
	errno = 0;
	TRY(getpriority(PRIO_PROCESS, 0));
	TRY(sched_yield());
	TRY(syscall(SYS_sched_getscheduler, 0));
	TRY(syscall(SYS_sched_get_priority_max, SCHED_FIFO));
	TRY(syscall(SYS_sched_get_priority_min, SCHED_OTHER));
}

CASE(proc_self_exe_names_the_program)
{
	char name[256] = "";
	CHECK(readlink("/proc/self/exe", name, sizeof name - 1) > 0);
	CHECK(name[0] == '/');
	char byte[4] = "";
	int file = open("/proc/self/exe", O_RDONLY);
	CHECK(read(file, byte, 4) == 4 && !memcmp(byte, "\177ELF", 4));
}

CASE(proc_files_can_be_read)
{
	static const char *const paths[] = {
		"/proc/self/maps", "/proc/self/stat", "/proc/self/status", "/proc/self/cmdline", "/proc/self/comm",
		"/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/proc/uptime", "/proc/loadavg", "/proc/version",
		"/proc/sys/net/core/somaxconn", "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/hostname",
		"/sys/devices/system/cpu/online", "/etc/passwd", "/etc/group", "/etc/hosts",
	};
	char bytes[64];
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		int file = open(paths[i], O_RDONLY);
		printf("%s: %s\n", paths[i], file < 0 ? error_name(errno) : read(file, bytes, sizeof bytes) > 0 ? "read" : "empty");
		close(file);
	}
}

CASE(exit_status_of_exit)
{
	puts("the end");
	_exit(259);
}

static void last_words(void)
{
	puts("at exit");
}

CASE(exit_runs_handlers)
{
	atexit(last_words);
	exit(7);
}

CASE(exit_by_abort)
{
	puts("before");
	abort();
}

CASE(exit_by_a_signal)
{
	puts("before");
	kill(getpid(), SIGTERM);
	puts("after");
}
