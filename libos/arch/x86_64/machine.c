/* What the machine is: descriptor tables, the UART's rate, RAM and the command line from hvm_start_info. */
#include "libos.h"
#include "cpuid.h"
#include "gates.h"
#include "mmu.h"
#include "ports.h"
#include "thread.h"

/* Xen's struct hvm_start_info, version 1, and its memory map. */
struct start_info {
	uint32_t magic, version, flags, module_count;
	uint64_t modules, command_line, rsdp, memory_map;
	uint32_t memory_map_count, reserved;
};
struct module {
	uint64_t address, size, command_line, reserved;
};
struct memory_range {
	uint64_t address, size;
	uint32_t type, reserved;
};
enum { BREAKPOINT = 3, DOUBLE_FAULT = 8, WRITE_PROTECT = 1 << 16 };
enum { TYPE_RAM = 1, ONE_MEBIBYTE = 1 << 20 };

struct task_segment {
	uint32_t reserved0;
	uint64_t stacks[3], reserved1, interrupt_stacks[7], reserved2;
	uint16_t reserved3, io_map;
} __attribute__((packed));

struct table_register {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

const char libos_machine_name[] = "x86_64";
extern uint32_t libos_start_info;
extern uintptr_t libos_stack_top;
extern uint64_t libos_gdt[], libos_top_table[], libos_gates[2 * LIBOS_VECTORS];
extern char libos_vectors[], libos_kernel_stack_top[];

static struct task_segment task_segment;
static char exception_stack[8192] __attribute__((aligned(16)));

/* The table is constant for all others: CR0.WP is off meanwhile. */
void libos_set_gate(unsigned vector, uintptr_t entry, unsigned stack, unsigned type)
{
	uint64_t control;
	__asm__ volatile("mov %%cr0, %0" : "=r"(control));
	__asm__ volatile("mov %0, %%cr0" ::"r"(control & ~(uint64_t)WRITE_PROTECT) : "memory");
	libos_gates[2ul * vector] = (entry & 0xffff) | 8 << 16 | (uint64_t)stack << 32 | (uint64_t)type << 40 | (entry >> 16 & 0xffff) << 48;
	libos_gates[2ul * vector + 1] = entry >> 32;
	__asm__ volatile("mov %0, %%cr0" ::"r"(control) : "memory");
}

/* Where the kernel's stack begins when the program enters it, by whatever way. */
void libos_set_stack(uintptr_t top);
void libos_set_stack(uintptr_t top)
{
	libos_stack_top = task_segment.stacks[0] = top;
}

static void load_descriptors(void)
{
	uint64_t base = (uint64_t)&task_segment;
	libos_set_stack((uintptr_t)libos_kernel_stack_top);
	task_segment.io_map = sizeof task_segment; /* beyond its end: the program has no ports */
	task_segment.interrupt_stacks[0] = (uint64_t)exception_stack + sizeof exception_stack;
	libos_gdt[3] = (sizeof task_segment - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
	libos_gdt[4] = base >> 32;
	__asm__ volatile("ltr %w0" ::"r"(24));
	for (unsigned i = 0; i < 32; i++) /* only int3 is for the program to use; a stack that overflows is not used */
		libos_set_gate(i, (uintptr_t)libos_vectors + 16ul * i, i == DOUBLE_FAULT, i == BREAKPOINT ? LIBOS_GATE_OF_PROGRAM : LIBOS_GATE);
	struct table_register idt = {sizeof libos_gates - 1, (uint64_t)libos_gates};
	__asm__ volatile("lidt %0" ::"m"(idt));
}

void libos_machine_start(struct libos_boot *boot)
{
	load_descriptors();
	libos_out(0x3fb, 0x83); /* 115200 baud, 8 data bits, FIFO on */
	libos_out(0x3f8, 1);
	libos_out(0x3f9, 0);
	libos_out(0x3fb, 3);
	libos_out(0x3fa, 7);
	const struct start_info *info = libos_physical(libos_start_info);
	const struct memory_range *range = libos_physical(info->memory_map);
	for (unsigned i = 0; i < info->memory_map_count; i++)
		if (range[i].type == TYPE_RAM && range[i].address >= ONE_MEBIBYTE)
			libos_boot_ram(boot, range[i].address, range[i].size);
	if (info->module_count) { /* QEMU's -initrd */
		const struct module *module = libos_physical(info->modules);
		boot->archive = module->address;
		boot->archive_size = module->size;
	}
	boot->command_line = info->command_line ? libos_physical(info->command_line) : "";
}

void libos_use_root(uint64_t *root)
{
	uint64_t control;
	libos_top_table[0] = (uint64_t)root | LIBOS_ENTRY_TABLE;
	__asm__ volatile("mov %%cr0, %0" : "=r"(control));
	__asm__ volatile("mov %0, %%cr3; mov %1, %%cr0" ::"r"(libos_top_table), "r"(control | WRITE_PROTECT) : "memory");
}

bool libos_in_kernel_stack(uintptr_t address)
{
	return (address < libos_current->stack_top && address >= libos_current->stack_top - LIBOS_KERNEL_STACK) ||
	       (address >= (uintptr_t)exception_stack && address < (uintptr_t)exception_stack + sizeof exception_stack);
}

uint64_t libos_hardware_capabilities(void)
{
	return libos_cpuid(1).d;
}
