/* Random words of the CPU. */
#include "libos.h"

bool libos_random_hardware(uint64_t *word)
{
	uint64_t features, failed = 1;
	__asm__("mrs %0, id_aa64isar0_el1" : "=r"(features));
	if (!(features >> 60))
		return false;
	for (int attempts = 10; attempts && failed; attempts--)
		__asm__ volatile("mrs %0, s3_3_c2_c4_0; cset %1, eq" : "=r"(*word), "=r"(failed)::"cc"); /* RNDR */
	return !failed;
}
