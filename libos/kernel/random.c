/* Random bytes: the CPU's where it has them, else splitmix64 over the tick counter, from what the machine gives at the start. */
#include "libos.h"

uint64_t libos_random_state;

static uint64_t next_word(void)
{
	uint64_t word = 0;
	if (libos_random_hardware(&word))
		return word;
	libos_random_state += libos_clock_ticks() + 0x9e3779b97f4a7c15u;
	word = (libos_random_state ^ libos_random_state >> 30) * 0xbf58476d1ce4e5b9u;
	word = (word ^ word >> 27) * 0x94d049bb133111ebu;
	return word ^ word >> 31;
}

void libos_random(void *buffer, size_t size)
{
	unsigned char *bytes = buffer;
	while (size) {
		uint64_t word = next_word();
		for (unsigned i = 0; i < 8 && size; i++, size--, word >>= 8)
			*bytes++ = (unsigned char)word;
	}
}
