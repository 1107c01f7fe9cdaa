/* Memory functions and the checksum do by words, at any address, what is done here byte by byte: the input says where, how much, and with what. */
#include "host.h"
#include "libos.h"
#include "../../../libos/net/checksum.h"
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 64 };

static void must(bool right)
{
	if (!right)
		abort();
}

/* RFC 1071, 4.1, for the words of this computer: the low byte is first. */
static uint16_t plain_checksum(const uint8_t *bytes, size_t size)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? (uint32_t)bytes[i] << 8 : bytes[i];
	while (sum >> 16)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint16_t)sum;
}

static void plain_move(uint8_t *to, const uint8_t *from, size_t size)
{
	uint8_t between[LARGEST];
	for (size_t i = 0; i < size; i++)
		between[i] = from[i];
	for (size_t i = 0; i < size; i++)
		to[i] = between[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct host_input input = {data, size};
	size_t to = host_take(&input, 1) % LARGEST, from = host_take(&input, 1) % LARGEST, count = host_take(&input, 1) % LARGEST;
	uint8_t bytes[2 * LARGEST], expected[2 * LARGEST];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = expected[i] = (uint8_t)host_take(&input, 1);

	/* as memory of its own size, so that what is read beside it is seen */
	uint8_t *alone = host_copy(bytes + from, count);
	must(libos_checksum(alone, (int)count) == plain_checksum(alone, count));
	must(libos_checksum(bytes + from, (int)count) == plain_checksum(bytes + from, count));

	must(libos_memmove(bytes + to, bytes + from, count) == bytes + to);
	plain_move(expected + to, expected + from, count);
	must(!memcmp(bytes, expected, sizeof bytes));

	must(libos_memcpy(bytes + to, alone, count) == bytes + to);
	plain_move(expected + to, alone, count);
	must(!memcmp(bytes, expected, sizeof bytes));

	must(libos_memset(bytes + from, (int)to - LARGEST / 2, count) == bytes + from);
	for (size_t i = 0; i < count; i++)
		expected[from + i] = (uint8_t)((int)to - LARGEST / 2);
	must(!memcmp(bytes, expected, sizeof bytes));
	host_free_all();
	return 0;
}
