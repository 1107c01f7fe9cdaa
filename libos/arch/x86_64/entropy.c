/* Random words of the CPU. */
#include "libos.h"
#include "cpuid.h"

bool libos_random_hardware(uint64_t *word)
{
	uint8_t good = 0;
	bool has_rdrand = libos_cpuid(1).c & 1u << 30;
	for (int attempts = 10; has_rdrand && attempts && !good; attempts--)
		__asm__ volatile("rdrand %0; setc %1" : "=r"(*word), "=qm"(good)::"cc");
	return good;
}
