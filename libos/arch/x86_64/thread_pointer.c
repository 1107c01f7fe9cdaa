/* The thread pointer, which x86_64 programs set by a system call. */
#include "libos.h"
#include <asm/prctl.h>

enum { MSR_FS_BASE = 0xc0000100u, MSR_GS_BASE = 0xc0000101u };

static void write_msr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static uint64_t read_msr(uint32_t msr)
{
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static bool canonical(uint64_t address)
{
	return address < 1ull << 47;
}

long libos_sys_arch_prctl(int code, uint64_t address)
{
	uint32_t msr = code == ARCH_SET_FS || code == ARCH_GET_FS ? MSR_FS_BASE : MSR_GS_BASE;
	switch (code) {
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		if (!canonical(address))
			return -EPERM;
		write_msr(msr, address);
		return 0;
	case ARCH_GET_FS:
	case ARCH_GET_GS:
		if (!libos_writable((void *)address, sizeof(uint64_t)))
			return -EFAULT;
		*(uint64_t *)address = read_msr(msr);
		return 0;
	}
	return -EINVAL;
}
