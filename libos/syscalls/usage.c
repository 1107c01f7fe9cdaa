/* What was used of the machine: getrusage(2), times(2), sysinfo(2). */
#include "thread.h"
#include <linux/resource.h>
#include <linux/sysinfo.h>

static const uint64_t second = 1000000000;

long libos_sys_getrusage(int who, struct rusage *usage)
{
	if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != RUSAGE_THREAD)
		return -EINVAL;
	if (!libos_writable(usage, sizeof *usage))
		return -EFAULT;
	uint64_t used = who == RUSAGE_CHILDREN ? 0 : who == RUSAGE_SELF ? libos_process_time() : libos_current_time();
	*usage = (struct rusage){.ru_utime = {(long)(used / second), (long)(used % second / 1000)}};
	if (who == RUSAGE_SELF)
		usage->ru_maxrss = (long)((libos_pages_total - libos_pages_free) * (LIBOS_PAGE_SIZE / 1024));
	return 0;
}

/* In ticks of AT_CLKTCK, 100 a second. */
long libos_sys_times(long *times)
{
	enum { MEMBERS = 4 };
	const uint64_t tick = second / 100;
	if (times) {
		if (!libos_writable(times, MEMBERS * sizeof *times))
			return -EFAULT;
		libos_memset(times, 0, MEMBERS * sizeof *times);
		times[0] = (long)(libos_process_time() / tick);
	}
	return (long)(libos_clock_nanoseconds() / tick);
}

long libos_sys_sysinfo(struct sysinfo *info)
{
	if (!libos_writable(info, sizeof *info))
		return -EFAULT;
	*info = (struct sysinfo){
		.uptime = (long)(libos_clock_nanoseconds() / second),
		.totalram = libos_pages_total * LIBOS_PAGE_SIZE,
		.freeram = libos_pages_free * LIBOS_PAGE_SIZE,
		.procs = 1,
		.mem_unit = 1,
	};
	return 0;
}
