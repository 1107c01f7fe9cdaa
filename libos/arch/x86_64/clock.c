/* Clocks: the TSC, measured against the PIT when it is first read, and the CMOS clock. */
#include "libos.h"
#include "ports.h"

enum { PIT_CHANNEL_2 = 0x42, PIT_COMMAND = 0x43, PIT_GATE = 0x61, PIT_TEN_MILLISECONDS = 11932 };

uint64_t libos_clock_ticks(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

uint64_t libos_clock_nanoseconds(void)
{
	static uint64_t kilohertz, start;
	if (!kilohertz) {
		libos_out(PIT_GATE, (libos_in(PIT_GATE) & ~2) | 1);
		libos_out(PIT_COMMAND, 0xb0);
		libos_out(PIT_CHANNEL_2, PIT_TEN_MILLISECONDS & 255);
		libos_out(PIT_CHANNEL_2, PIT_TEN_MILLISECONDS >> 8);
		start = libos_clock_ticks();
		while (!(libos_in(PIT_GATE) & 0x20))
			;
		kilohertz = (libos_clock_ticks() - start) / 10;
	}
	return (uint64_t)((unsigned __int128)(libos_clock_ticks() - start) * 1000000 / kilohertz);
}

static unsigned cmos(uint8_t index)
{
	libos_out(0x70, index);
	return libos_in(0x71);
}

static unsigned cmos_decimal(uint8_t index)
{
	unsigned value = cmos(index);
	return cmos(0x0b) & 4 ? value : (value >> 4) * 10 + (value & 15);
}

uint64_t libos_clock_seconds_since_1970(void)
{
	unsigned second, minute, hour, day, month, year;
	do { /* the date may change between two reads */
		while (cmos(0x0a) & 0x80)
			;
		second = cmos_decimal(0);
		minute = cmos_decimal(2);
		hour = cmos_decimal(4);
		day = cmos_decimal(7);
		month = cmos_decimal(8);
		year = 2000 + cmos_decimal(9);
	} while (second != cmos_decimal(0));
	if (month < 3) { /* count years from March, so that the leap day is the last */
		month += 12;
		year--;
	}
	uint64_t days = 365ull * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 + day - 719469;
	return ((days * 24 + hour) * 60 + minute) * 60 + second;
}
