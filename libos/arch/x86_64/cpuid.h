/* What the CPU says of itself. */
#ifndef LIBOS_CPUID_H
#define LIBOS_CPUID_H
#include <stdint.h>
struct libos_cpuid {
	uint32_t a, b, c, d;
};
static inline struct libos_cpuid libos_cpuid(uint32_t leaf)
{
	struct libos_cpuid result = {.a = leaf, .c = 0};
	__asm__("cpuid" : "+a"(result.a), "=b"(result.b), "+c"(result.c), "=d"(result.d));
	return result;
}
#endif
