/* What the machine is: RAM and the command line, from the flattened device tree. */
#include "thread.h"

const char libos_machine_name[] = "aarch64";
extern uint64_t libos_start_device_tree;

enum { MAGIC = 0xd00dfeed, HEADER_SIZE = 40, BEGIN_NODE = 1, PROPERTY = 3, END = 9 };
enum { RAM_START = 0x40000000 };

static uint32_t big_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint64_t big_endian_64(const uint8_t *bytes)
{
	return (uint64_t)big_endian(bytes) << 32 | big_endian(bytes + 4);
}

static bool starts_with(const char *text, const char *prefix)
{
	while (*prefix && *text == *prefix)
		text++, prefix++;
	return !*prefix;
}

static uint64_t read_number(const char **text)
{
	uint64_t number = 0;
	for (; **text >= '0' && **text <= '9'; ++*text)
		number = number * 10 + (uint64_t)(**text - '0');
	return number;
}

/* QEMU loads no initrd for an ELF image: the command line begins with where the archive is, as Linux's initrdmem= says it. */
static void find_archive(struct libos_boot *boot)
{
	static const char option[] = "initrdmem=";
	if (!starts_with(boot->command_line, option))
		return;
	const char *next = boot->command_line + sizeof option - 1;
	boot->archive = read_number(&next);
	next += *next == ',';
	boot->archive_size = read_number(&next);
	boot->command_line = next;
}

/* Devicetree Specification 0.4, chapter 5. What is damaged ends it. */
void libos_machine_start(struct libos_boot *boot)
{
	/* QEMU gives an ELF image no pointer: the tree is where RAM begins */
	uint8_t *tree = libos_physical(libos_start_device_tree ? libos_start_device_tree : RAM_START);
	uint32_t tree_size = big_endian(tree + 4), structure = big_endian(tree + 8), strings = big_endian(tree + 12);
	if (big_endian(tree) != MAGIC || tree_size < HEADER_SIZE || structure >= tree_size || strings >= tree_size)
		return;
	tree[tree_size - 1] = 0; /* every string ends in the tree */
	const uint8_t *next = tree + structure, *end = tree + tree_size;
	bool in_memory = false;
	for (uint32_t token; end - next > 4 && (token = big_endian(next)) != END;) {
		next += 4;
		if (token == BEGIN_NODE) {
			in_memory = starts_with((const char *)next, "memory@");
			next += libos_strlen((const char *)next) + 1;
		} else if (token == PROPERTY) {
			if (end - next < 8)
				break;
			uint32_t size = big_endian(next), name_offset = big_endian(next + 4);
			next += 8;
			if (size > end - next || name_offset >= tree_size - strings)
				break;
			const char *name = (const char *)tree + strings + name_offset;
			if (in_memory && libos_equal(name, "reg"))
				for (uint32_t at = 0; size - at >= 16; at += 16)
					libos_boot_ram(boot, big_endian_64(next + at), big_endian_64(next + at + 8));
			if (size && libos_equal(name, "bootargs"))
				boot->command_line = (const char *)next;
			if (size >= sizeof libos_random_key && libos_equal(name, "rng-seed")) /* of /chosen; QEMU's has 32 bytes */
				libos_memcpy(libos_random_key, next, sizeof libos_random_key);
			next += size;
		}
		next = (const uint8_t *)(((uintptr_t)next + 3) & -4ul);
	}
	find_archive(boot);
}

bool libos_in_kernel_stack(uintptr_t address)
{
	return address < libos_current->stack_top && address >= libos_current->stack_top - LIBOS_KERNEL_STACK;
}

uint64_t libos_hardware_capabilities(void)
{
	return 3; /* HWCAP_FP, HWCAP_ASIMD */
}
