/* discover looks for the system calls of the input, and the ways to them. */
#include "tool.h"

#include "../../../toolchains/shared/discover/paths.h"
#include <sys/mman.h>

void tool_use(char *path);

static struct elf_file file;

void tool_use(char *path)
{
	if (file.bytes)
		munmap((void *)file.bytes, file.size);
	file = (struct elf_file){ 0 };
	file = elf_open(path, "libos_");
	const struct machine *machine = machine_of(&file);
	struct result result = search(&file, machine);
	struct paths *paths = paths_open(&file, machine);
	for (size_t i = 0; i < result.found_count; i++)
		path_to(paths, &result.found[i], 1);
}
