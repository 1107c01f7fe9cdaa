/* The one process: its end, its signals, who it is. */
#include "handlers.h"
#include <asm/signal.h>
#include <linux/resource.h>
#include <linux/utsname.h>

enum { PROCESS = 1, SIGNALS = 64 };

_Noreturn void libos_sys_exit_group(int status)
{
	libos_finish(LIBOS_EXITED, (uint32_t)status & 255);
}
_Noreturn void libos_sys_exit(int status)
{
	libos_sys_exit_group(status);
}
long libos_sys_getpid(void)
{
	return PROCESS;
}
long libos_sys_gettid(void)
{
	return PROCESS;
}
long libos_sys_getppid(void)
{
	return 0;
}
long libos_sys_set_tid_address(void)
{
	return PROCESS;
}
long libos_sys_set_robust_list(void)
{
	return 0;
}
long libos_sys_getuid(void)
{
	return 0;
}
long libos_sys_geteuid(void)
{
	return 0;
}
long libos_sys_getgid(void)
{
	return 0;
}
long libos_sys_getegid(void)
{
	return 0;
}
long libos_sys_sched_yield(void)
{
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
