/* Text that grows: the content of files that are made when they are opened. */
#include "node.h"

void libos_text_add_bytes(struct libos_text *text, const char *bytes, size_t size)
{
	enum { FIRST = 256 };
	if (text->size + size > text->capacity) {
		size_t capacity = text->capacity ? text->capacity : FIRST;
		while (capacity < text->size + size)
			capacity *= 2;
		char *larger = libos_allocate(capacity);
		if (!larger)
			return;
		libos_memcpy(larger, text->bytes, text->size);
		libos_free(text->bytes);
		text->bytes = larger;
		text->capacity = capacity;
	}
	libos_memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
}

void libos_text_add(struct libos_text *text, const char *string)
{
	libos_text_add_bytes(text, string, libos_strlen(string));
}

static void add_digits(struct libos_text *text, uint64_t number, unsigned base)
{
	char digits[20], *start = digits + sizeof digits;
	do
		*--start = "0123456789abcdef"[number % base];
	while (number /= base);
	libos_text_add_bytes(text, start, (size_t)(digits + sizeof digits - start));
}

void libos_text_add_number(struct libos_text *text, uint64_t number)
{
	add_digits(text, number, 10);
}

void libos_text_add_hex(struct libos_text *text, uint64_t number)
{
	add_digits(text, number, 16);
}
