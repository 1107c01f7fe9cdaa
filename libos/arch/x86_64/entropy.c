/* Random words of the CPU. */
#include "libos.h"

bool libos_random_hardware(uint64_t *word)
{
	uint32_t a = 1, b, c, d;
	uint8_t good = 0;
	__asm__("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	for (int attempts = 10; c & 1u << 30 && attempts && !good; attempts--)
		__asm__ volatile("rdrand %0; setc %1" : "=r"(*word), "=qm"(good)::"cc");
	return good;
}
