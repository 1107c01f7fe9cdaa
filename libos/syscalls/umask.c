/* umask(2). */
#include "libos.h"

/* fs/node.c, in a program that has files */
extern uint32_t libos_umask __attribute__((weak));

long libos_sys_umask(uint32_t mask)
{
	static uint32_t without_files = 022;
	uint32_t *current = &libos_umask ? &libos_umask : &without_files, old = *current;
	*current = mask & 0777;
	return old;
}
