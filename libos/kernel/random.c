/* Random bytes: the CPU's where it has them, else ChaCha20's, by the key that the machine gives at the start. */
#include "chacha20.h"
#include "libos.h"

uint32_t libos_random_key[8];

/* Eight words. The key is replaced each time, so that nobody who sees the memory later can tell what was given before. */
static void next_words(uint32_t words[8])
{
	static uint32_t counter;
	const uint64_t ticks = libos_clock_ticks();
	uint32_t input[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, output[16];
	libos_memcpy(input + 4, libos_random_key, sizeof libos_random_key);
	input[12] = counter++;
	input[13] = (uint32_t)ticks;
	input[14] = (uint32_t)(ticks >> 32);
	libos_chacha20(input, output);
	libos_memcpy(libos_random_key, output, sizeof libos_random_key);
	libos_memcpy(words, output + 8, 32);
}

void libos_random(void *buffer, size_t size)
{
	unsigned char *bytes = buffer;
	while (size) {
		union {
			uint64_t word;
			uint32_t words[8];
		} given;
		size_t count = sizeof given.word;
		if (!libos_random_hardware(&given.word)) {
			next_words(given.words);
			count = sizeof given.words;
		}
		if (count > size)
			count = size;
		libos_memcpy(bytes, &given, count);
		bytes += count;
		size -= count;
	}
}
