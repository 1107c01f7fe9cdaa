/* Clocks: the generic timer's counter and the PL031. */
#include "libos.h"

enum { PL031 = 0x09010000 };

uint64_t libos_clock_ticks(void)
{
	uint64_t count;
	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(count)::"memory");
	return count;
}

uint64_t libos_clock_nanoseconds(void)
{
	uint64_t hertz;
	__asm__("mrs %0, cntfrq_el0" : "=r"(hertz));
	uint64_t ticks = libos_clock_ticks();
	return ticks / hertz * 1000000000 + ticks % hertz * 1000000000 / hertz;
}

uint64_t libos_clock_seconds_since_1970(void)
{
	return *(volatile uint32_t *)libos_physical(PL031);
}
