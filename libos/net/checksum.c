/* The Internet checksum (RFC 1071), eight bytes at a time. */
#include "checksum.h"
#include "libos.h"

typedef libos_unaligned_word word;

/* What is carried out of the word comes in again. */
static uint64_t add(uint64_t sum, uint64_t value)
{
	bool carry = __builtin_add_overflow(sum, value, &sum);
	return sum + carry;
}

static uint64_t fold(uint64_t sum, unsigned bits)
{
	return (sum >> bits) + (sum & ((1ull << bits) - 1));
}

uint16_t libos_checksum(const void *data, int size)
{
	const char *bytes = data;
	size_t left = (size_t)size;
	uint64_t sum = 0, last = 0;
	for (; left >= sizeof(word); left -= sizeof(word), bytes += sizeof(word))
		sum = add(sum, *(const word *)bytes);
	libos_memcpy(&last, bytes, left);
	sum = add(sum, last);
	sum = fold(fold(sum, 32), 32);
	return (uint16_t)fold(fold(sum, 16), 16);
}
