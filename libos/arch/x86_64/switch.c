/* Changing threads: the registers of the FPU and the vector units, the thread pointer, and the kernel's stack. */
#include "cpuid.h"
#include "thread.h"

enum { MSR_FS_BASE = 0xc0000100u, MSR_GS_BASE = 0xc0000101u };
enum { XSAVE = 1 << 27, FXSAVE_SIZE = 512, ALIGNMENT = 64 };

extern char libos_return[];
void libos_switch_registers(struct libos_context *from, const struct libos_context *to);
void libos_set_stack(uintptr_t top);

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

/* Whether the operating system, that is start.S, has turned XSAVE on: CPUID.1:ECX.OSXSAVE. */
static bool has_xsave(void)
{
	static int known;
	if (!known)
		known = libos_cpuid(1).c & XSAVE ? 2 : 1;
	return known == 2;
}

static void *aligned(void *vectors)
{
	return (void *)(((uintptr_t)vectors + ALIGNMENT - 1) & -(uintptr_t)ALIGNMENT);
}

static void save(void *vectors)
{
	if (has_xsave())
		__asm__ volatile("xsave64 (%0)" ::"r"(aligned(vectors)), "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" ::"r"(aligned(vectors)) : "memory");
}

static void restore(const void *vectors)
{
	if (has_xsave())
		__asm__ volatile("xrstor64 (%0)" ::"r"(aligned((void *)vectors)), "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" ::"r"(aligned((void *)vectors)) : "memory");
}

size_t libos_vectors_size(void)
{
	return has_xsave() ? libos_cpuid(0xd).b : FXSAVE_SIZE;
}

void *libos_vectors_allocate(void)
{
	return libos_allocate(libos_vectors_size() + ALIGNMENT);
}

void libos_vectors_free(void *vectors)
{
	libos_free(vectors);
}

void libos_vectors_copy(void *to)
{
	save(to);
}

void libos_vectors_load(const void *from)
{
	restore(from);
}

void libos_start_context(struct libos_sleeper *thread, struct libos_frame *frame, uintptr_t thread_pointer)
{
	uint64_t inherited = read_msr(MSR_FS_BASE);
	thread->context = (struct libos_context){
		.rip = (uintptr_t)libos_return,
		.rsp = (uintptr_t)frame,
		.fs_base = thread_pointer ? thread_pointer : inherited,
		.gs_base = read_msr(MSR_GS_BASE),
	};
}

void libos_switch(struct libos_sleeper *from, struct libos_sleeper *to)
{
	from->context.fs_base = read_msr(MSR_FS_BASE);
	from->context.gs_base = read_msr(MSR_GS_BASE);
	save(from->vectors);
	restore(to->vectors);
	write_msr(MSR_FS_BASE, to->context.fs_base);
	write_msr(MSR_GS_BASE, to->context.gs_base);
	libos_set_stack(to->stack_top);
	libos_switch_registers(&from->context, &to->context);
}
