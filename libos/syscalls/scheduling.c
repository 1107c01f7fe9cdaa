/* Which CPU, and in which order: sched_setaffinity(2), getcpu(2), sched_setscheduler(2). There is one CPU, and all take turns. */
#include "thread.h"
#include <linux/sched.h>

enum { PROCESS = 1 };

static bool exists(int id)
{
	return !id || id == PROCESS || id == (int)libos_current->id || (libos_thread_of && libos_thread_of(id));
}

long libos_sys_sched_getaffinity(int id, size_t size, uint64_t *mask)
{
	if (size < sizeof *mask || size % sizeof *mask)
		return -EINVAL;
	if (!exists(id))
		return -ESRCH;
	if (!libos_writable(mask, sizeof *mask))
		return -EFAULT;
	*mask = 1;
	return sizeof *mask;
}

long libos_sys_sched_setaffinity(int id, size_t size, const uint8_t *mask)
{
	if (!exists(id))
		return -ESRCH;
	if (!libos_readable(mask, size))
		return -EFAULT;
	return size && *mask & 1 ? 0 : -EINVAL;
}

long libos_sys_getcpu(unsigned *cpu, unsigned *node)
{
	if ((cpu && !libos_writable(cpu, sizeof *cpu)) || (node && !libos_writable(node, sizeof *node)))
		return -EFAULT;
	if (cpu)
		*cpu = 0;
	if (node)
		*node = 0;
	return 0;
}

long libos_sys_sched_getscheduler(int id)
{
	return exists(id) ? SCHED_NORMAL : -ESRCH;
}

long libos_sys_sched_setscheduler(int id, int policy)
{
	return !exists(id) ? -ESRCH : policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE ? 0 : -EPERM;
}

long libos_sys_sched_getparam(int id, int *priority)
{
	if (!exists(id))
		return -ESRCH;
	if (!libos_writable(priority, sizeof *priority))
		return -EFAULT;
	*priority = 0;
	return 0;
}

static long priority_of(int policy, int of_real_time)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return of_real_time;
	case SCHED_NORMAL:
	case SCHED_BATCH:
	case SCHED_IDLE:
		return 0;
	}
	return -EINVAL;
}

long libos_sys_sched_get_priority_max(int policy)
{
	return priority_of(policy, 99);
}
long libos_sys_sched_get_priority_min(int policy)
{
	return priority_of(policy, 1);
}

/* The system call gives 20 less the nice value: getpriority(2). */
long libos_sys_getpriority(int which, int id)
{
	(void)id;
	return which < 0 || which > 2 ? -EINVAL : 20;
}
long libos_sys_setpriority(int which, int id, int nice)
{
	(void)id, (void)nice;
	return which < 0 || which > 2 ? -EINVAL : 0;
}
