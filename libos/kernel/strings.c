/* Our own memory functions: libc's may use registers that belong to the program. */
#include "libos.h"

typedef libos_unaligned_word word;

/* An emulator looks for interrupts at each jump: of what is much, more is done between two. */
enum { MUCH = 4 * sizeof(word) };

void *libos_memcpy(void *to, const void *from, size_t size)
{
	char *target = to;
	const char *source = from;
	size_t done = 0;
	for (; size - done >= MUCH; done += MUCH)
		for (size_t part = 0; part < MUCH; part += sizeof(word))
			*(word *)(target + done + part) = *(const word *)(source + done + part);
	for (; size - done >= sizeof(word); done += sizeof(word))
		*(word *)(target + done) = *(const word *)(source + done);
	for (; done < size; done++)
		target[done] = source[done];
	return to;
}
void *libos_memmove(void *to, const void *from, size_t size)
{
	char *target = to;
	const char *source = from;
	if (target <= source)
		return libos_memcpy(to, from, size);
	while (size >= sizeof(word)) {
		size -= sizeof(word);
		*(word *)(target + size) = *(const word *)(source + size);
	}
	while (size--)
		target[size] = source[size];
	return to;
}
void *libos_memset(void *to, int byte, size_t size)
{
	char *target = to;
	size_t done = 0;
	for (; size - done >= sizeof(word); done += sizeof(word))
		*(word *)(target + done) = UINT64_MAX / UINT8_MAX * (uint8_t)byte;
	for (; done < size; done++)
		target[done] = (char)byte;
	return to;
}
size_t libos_strlen(const char *text)
{
	size_t length = 0;
	while (text[length])
		length++;
	return length;
}
bool libos_equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}
int libos_memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *one = a, *other = b;
	for (; size && *one == *other; size--)
		one++, other++;
	return size ? *one - *other : 0;
}
