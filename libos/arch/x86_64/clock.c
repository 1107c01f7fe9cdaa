/* Clocks: the TSC, whose rate the hypervisor tells or the PIT measures when it is first read, and the CMOS clock. */
#include "libos.h"
#include "cpuid.h"
#include "ports.h"

enum { PIT_CHANNEL_0 = 0x40, PIT_COMMAND = 0x43, PIT_LATCH = 0x00, PIT_COUNT_DOWN_AGAIN = 0x34 };
enum { PIT_HERTZ = 1193182, PIT_TWO_MILLISECONDS = PIT_HERTZ / 500, PIT_LONGEST = 1 << 16 };

uint64_t libos_clock_ticks(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

struct sample {
	uint64_t ticks;
	uint16_t count;
};

/* What both counters say at one moment: the try between whose readings of the TSC passed the least. */
static struct sample read_both(void)
{
	struct sample best = {0, 0};
	uint64_t shortest = UINT64_MAX;
	for (int tries = 0; tries < 8; tries++) {
		uint64_t before = libos_clock_ticks();
		libos_out(PIT_COMMAND, PIT_LATCH);
		uint64_t between = libos_clock_ticks() - before;
		uint16_t count = libos_in(PIT_CHANNEL_0);
		count |= (uint16_t)(libos_in(PIT_CHANNEL_0) << 8);
		if (between < shortest) {
			shortest = between;
			best = (struct sample){before + between / 2, count};
		}
	}
	return best;
}

/* The TSC's rate over two milliseconds; 0 where there is no PIT. */
static uint64_t measure_kilohertz(void)
{
	struct sample start = read_both();
	for (int tries = 0; tries < PIT_LONGEST; tries++) {
		struct sample end = read_both();
		uint16_t passed = start.count - end.count;
		if (passed >= PIT_TWO_MILLISECONDS)
			return (end.ticks - start.ticks) * PIT_HERTZ / passed / 1000;
	}
	return 0;
}

/* The PIT's counter begins again each 55 ms: a pause in a measurement makes it wrong, so two have to agree. */
static uint64_t measure_twice(void)
{
	libos_out(PIT_COMMAND, PIT_COUNT_DOWN_AGAIN);
	libos_out(PIT_CHANNEL_0, 0);
	libos_out(PIT_CHANNEL_0, 0);
	uint64_t last = 0, rate = measure_kilohertz();
	for (int tries = 0; tries < 16 && rate; tries++) {
		last = rate;
		rate = measure_kilohertz();
		if (rate - last + last / 256 <= last / 128)
			return (rate + last) / 2;
	}
	return rate ? rate : 1000000;
}

static uint64_t find_kilohertz(void)
{
	if (libos_cpuid(1).c & 1u << 31 && libos_cpuid(0x40000000).a >= 0x40000010) { /* VMware's leaf, which KVM has too */
		uint64_t kilohertz = libos_cpuid(0x40000010).a;
		if (kilohertz)
			return kilohertz;
	}
	if (libos_cpuid(0).a >= 0x15) {
		struct libos_cpuid crystal = libos_cpuid(0x15);
		if (crystal.a && crystal.b && crystal.c)
			return (uint64_t)crystal.c * crystal.b / crystal.a / 1000;
	}
	return measure_twice();
}

uint64_t libos_clock_nanoseconds(void)
{
	static uint64_t kilohertz, start;
	if (!kilohertz) {
		start = libos_clock_ticks();
		kilohertz = find_kilohertz();
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
