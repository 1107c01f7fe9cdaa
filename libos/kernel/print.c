/* Output of our own. */
#include "libos.h"

void libos_console_write(const char *text, size_t size)
{
	for (; size--; text++) {
		if (*text == '\n')
			libos_console_put('\r');
		libos_console_put(*text);
	}
}

void libos_print(const char *text)
{
	libos_console_write(text, libos_strlen(text));
}

void libos_print_hex(uint64_t value)
{
	libos_print("0x");
	for (int shift = 60; shift >= 0; shift -= 4)
		libos_console_put("0123456789abcdef"[value >> shift & 15]);
}

void libos_print_decimal(uint64_t value)
{
	if (value >= 10)
		libos_print_decimal(value / 10);
	libos_console_put((char)('0' + value % 10));
}
