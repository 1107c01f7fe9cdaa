/* discover looks for the system calls of the input. */
#include "tool.h"

#include "../../../toolchains/shared/discover/search.h"
#include <sys/mman.h>

void tool_use(char *path);

static struct elf_file file;

void tool_use(char *path)
{
	if (file.bytes)
		munmap((void *)file.bytes, file.size);
	file = (struct elf_file){ 0 };
	file = elf_open(path, "libos_");
	search(&file, machine_of(&file));
}
