/* ChaCha20, of which random bytes are made where the CPU has none. */
#include "chacha20.h"

#define ROTATE(word, by) ((word) << (by) | (word) >> (32 - (by)))

static void quarter_round(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	for (int left = 16, right = 12; left; left = left == 16 ? 8 : 0, right = 7) {
		*a += *b;
		*d = ROTATE(*d ^ *a, left);
		*c += *d;
		*b = ROTATE(*b ^ *c, right);
	}
}

void libos_chacha20(const uint32_t input[16], uint32_t output[16])
{
	for (int i = 0; i < 16; i++)
		output[i] = input[i];
	for (int round = 0; round < 20; round++)
		for (int i = 0; i < 4; i++) {
			const int turn = round & 1; /* columns, then diagonals */
			quarter_round(&output[i], &output[4 + ((i + turn) & 3)], &output[8 + ((i + 2 * turn) & 3)],
			              &output[12 + ((i + 3 * turn) & 3)]);
		}
	for (int i = 0; i < 16; i++)
		output[i] += input[i];
}
