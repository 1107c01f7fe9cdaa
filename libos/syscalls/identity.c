/* Who the program is: root at first, and whom it becomes; rights do not change with it: credentials(7). */
#include "libos.h"

enum { REAL, EFFECTIVE, SAVED, KINDS, PROCESS = 1, MOST_GROUPS = 64 };
static const uint32_t unchanged = UINT32_MAX;
static uint32_t user[KINDS], group[KINDS], groups[MOST_GROUPS];
static int group_count;

long libos_sys_getuid(void)
{
	return user[REAL];
}
long libos_sys_geteuid(void)
{
	return user[EFFECTIVE];
}
long libos_sys_getgid(void)
{
	return group[REAL];
}
long libos_sys_getegid(void)
{
	return group[EFFECTIVE];
}

/* Who is not root can become only who it is or was. */
static long become(uint32_t *identity, uint32_t real, uint32_t effective, uint32_t saved)
{
	const uint32_t wanted[KINDS] = {real, effective, saved};
	for (unsigned i = 0; i < KINDS; i++)
		if (wanted[i] != unchanged && user[EFFECTIVE] && wanted[i] != identity[REAL] && wanted[i] != identity[EFFECTIVE] &&
		    wanted[i] != identity[SAVED])
			return -EPERM;
	for (unsigned i = 0; i < KINDS; i++)
		if (wanted[i] != unchanged)
			identity[i] = wanted[i];
	return 0;
}

static long become_one(uint32_t *identity, uint32_t wanted)
{
	if (wanted == unchanged)
		return -EINVAL;
	return user[EFFECTIVE] ? become(identity, unchanged, wanted, unchanged) : become(identity, wanted, wanted, wanted);
}

/* setreuid(2): the saved one goes with the effective one when the real one is set, or the effective one to another. */
static long become_two(uint32_t *identity, uint32_t real, uint32_t effective)
{
	bool saves = real != unchanged || (effective != unchanged && effective != identity[REAL]);
	return become(identity, real, effective, !saves ? unchanged : effective != unchanged ? effective : identity[EFFECTIVE]);
}

long libos_sys_setuid(uint32_t wanted)
{
	return become_one(user, wanted);
}
long libos_sys_setgid(uint32_t wanted)
{
	return become_one(group, wanted);
}
long libos_sys_setreuid(uint32_t real, uint32_t effective)
{
	return become_two(user, real, effective);
}
long libos_sys_setregid(uint32_t real, uint32_t effective)
{
	return become_two(group, real, effective);
}
long libos_sys_setresuid(uint32_t real, uint32_t effective, uint32_t saved)
{
	return become(user, real, effective, saved);
}
long libos_sys_setresgid(uint32_t real, uint32_t effective, uint32_t saved)
{
	return become(group, real, effective, saved);
}

static long tell(const uint32_t *identity, uint32_t *real, uint32_t *effective, uint32_t *saved)
{
	uint32_t *const to[KINDS] = {real, effective, saved};
	for (unsigned i = 0; i < KINDS; i++) {
		if (!libos_writable(to[i], sizeof *to[i]))
			return -EFAULT;
		*to[i] = identity[i];
	}
	return 0;
}

long libos_sys_getresuid(uint32_t *real, uint32_t *effective, uint32_t *saved)
{
	return tell(user, real, effective, saved);
}
long libos_sys_getresgid(uint32_t *real, uint32_t *effective, uint32_t *saved)
{
	return tell(group, real, effective, saved);
}

long libos_sys_getgroups(int room, uint32_t *list)
{
	if (room < 0 || (room && room < group_count))
		return -EINVAL;
	if (room) {
		if (!libos_writable(list, (size_t)group_count * sizeof *list))
			return -EFAULT;
		libos_memcpy(list, groups, (size_t)group_count * sizeof *list);
	}
	return group_count;
}

long libos_sys_setgroups(int count, const uint32_t *list)
{
	if (user[EFFECTIVE])
		return -EPERM;
	if (count < 0 || count > MOST_GROUPS)
		return -EINVAL;
	if (!libos_readable(list, (size_t)count * sizeof *list))
		return -EFAULT;
	libos_memcpy(groups, list, (size_t)count * sizeof *list);
	group_count = count;
	return 0;
}

/* There is one process: it leads its group and its session, and has no children. */
long libos_sys_getpgrp(void)
{
	return PROCESS;
}
long libos_sys_getpgid(int process)
{
	return process && process != PROCESS ? -ESRCH : PROCESS;
}
long libos_sys_getsid(int process)
{
	return libos_sys_getpgid(process);
}
long libos_sys_setsid(void)
{
	return -EPERM;
}
long libos_sys_setpgid(int process)
{
	return process && process != PROCESS ? -ESRCH : -EPERM;
}
long libos_sys_wait4(int process, int *status, unsigned options)
{
	enum { KNOWN = 0xe000000b }; /* WNOHANG, WUNTRACED, WCONTINUED, __WNOTHREAD, __WALL, __WCLONE */
	(void)process, (void)status;
	return options & ~KNOWN ? -EINVAL : -ECHILD;
}
