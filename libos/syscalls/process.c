/* The one process: its end, its limits, and the machine's name. */
#include "descriptors.h"
#include "handlers.h"
#include <linux/resource.h>
#include <linux/utsname.h>

enum { PROCESS = 1 };

_Noreturn void libos_sys_exit_group(int status)
{
	libos_finish(LIBOS_EXITED, (uint32_t)status & 255);
}
long libos_sys_getpid(void)
{
	return PROCESS;
}
long libos_sys_getppid(void)
{
	return 0;
}
/* kernel/scheduler.c */
void libos_reschedule(void) __attribute__((weak));

long libos_sys_sched_yield(void)
{
	if (libos_reschedule)
		libos_reschedule();
	return 0;
}

long libos_sys_uname(struct new_utsname *name)
{
	static const struct new_utsname here = {"Linux", "unikernel", "5.10.0", "library OS", "", "(none)"};
	if (!libos_writable(name, sizeof *name))
		return -EFAULT;
	*name = here;
	libos_memcpy(name->machine, libos_machine_name, libos_strlen(libos_machine_name) + 1);
	return 0;
}

/* Those that were set, but for RLIMIT_NOFILE the only ones that mean anything are as they were at the start. */
static struct {
	struct rlimit64 limit;
	bool is_set;
} limits[RLIM_NLIMITS];

static bool limit_of(unsigned resource, struct rlimit64 *limit)
{
	if (resource >= RLIM_NLIMITS)
		return false;
	limit->rlim_cur = limit->rlim_max = RLIM64_INFINITY;
	if (resource == RLIMIT_STACK)
		limit->rlim_cur = limit->rlim_max = LIBOS_STACK_SIZE;
	if (resource == RLIMIT_NOFILE)
		*limit = (struct rlimit64){libos_descriptor_limit, LIBOS_MOST_DESCRIPTORS};
	if (limits[resource].is_set)
		*limit = limits[resource].limit;
	return true;
}

long libos_sys_prlimit64(int process, unsigned resource, const struct rlimit64 *new, struct rlimit64 *old)
{
	struct rlimit64 limit;
	if (process && process != PROCESS)
		return -ESRCH;
	if (!limit_of(resource, &limit))
		return -EINVAL;
	if ((new && !libos_readable(new, sizeof *new)) || (old && !libos_writable(old, sizeof *old)))
		return -EFAULT;
	if (new && new->rlim_cur > new->rlim_max)
		return -EINVAL;
	if (new && resource == RLIMIT_NOFILE && new->rlim_max > LIBOS_MOST_DESCRIPTORS)
		return -EPERM;
	struct rlimit64 wanted = new ? *new : limit;
	if (old)
		*old = limit;
	if (new && resource == RLIMIT_NOFILE)
		libos_descriptor_limit = (unsigned)wanted.rlim_cur;
	if (new) {
		limits[resource].limit = wanted;
		limits[resource].is_set = true;
	}
	return 0;
}

long libos_sys_setrlimit(unsigned resource, const struct rlimit64 *limit)
{
	return limit ? libos_sys_prlimit64(0, resource, limit, NULL) : -EFAULT;
}

long libos_sys_getrlimit(unsigned resource, struct rlimit64 *limit)
{
	if (!libos_writable(limit, sizeof *limit))
		return -EFAULT;
	return limit_of(resource, limit) ? 0 : -EINVAL;
}
