/* The input is the flattened device tree that an Arm machine is started with; its header says how large it is. */
#include "host.h"
#include "libos.h"
#include <string.h>

uint64_t libos_start_device_tree;
uint32_t libos_random_key[8];
struct libos_sleeper *libos_current;
static uint64_t ranges;

void libos_boot_ram(struct libos_boot *boot, uint64_t start, uint64_t size)
{
	(void)boot;
	ranges += start ^ size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct libos_boot boot = {.command_line = ""};
	if (size < 40)
		return 0;
	uint8_t *tree = host_copy(data, size);
	for (unsigned i = 0; i < 4; i++)
		tree[4 + i] = (uint8_t)(size >> 8 * (3 - i));
	libos_start_device_tree = (uintptr_t)tree;
	libos_machine_start(&boot);
	if (strlen(boot.command_line) > size)
		__builtin_trap();
	host_free_all();
	return 0;
}
